"""Characters that look like a Latin letter, to that letter: a small table of prototypes after Unicode TR39."""

from __future__ import annotations

_PAIRS = (
    # Cyrillic
    "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ԛq ԝw ѵv кk мm вb нh тt гr пn ӏl ґr ԍg ғf ьb АA ЕE ОO РP СC УY ХX ІI ЈJ ЅS ԀD "
    "ҺH ԚQ ԜW ѴV КK МM ВB НH ТT ӀI Ԍg ЬB "
    # Greek
    "αa οo νv ρp ιi κk υu χx γy εe ηn τt ωw ϲc ϳj ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ͿJ "
    # Armenian
    "օo սu հh ցg ոn յj զq ԼL ՍU ՕO Տs "
    # Latin letters of phonetics, and small capitals
    "ıi ɡg ɑa ɩi ȷj ʋu ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ſs "
    # Cherokee
    "ᎪA ᏴB ᏟC ᎠD ᎬE ᎶG ᎻH ᎥI ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ "
    "ᎩY ᎽY ᏀG ᏂH ᏏB ᏒR ᏔW ᏕS ᏧD ᏳG"
)

LOOKALIKES: dict[int, str] = {ord(pair[0]): pair[1].lower() for pair in _PAIRS.split()}
"""Code point -> lower-case Latin letter."""

for _position, _letter in enumerate("abcdefghijklmnopqrstuvwxyz"):
    for _first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):  # squared, negative circled, negative squared, regional
        LOOKALIKES[_first + _position] = _letter
