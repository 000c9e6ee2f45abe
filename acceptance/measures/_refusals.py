"""Refusals beside the English ones: for each language what may stand before one, and the phrases that are one.

Each phrase names what is not done (help, do, fulfil, be allowed), since a bare "I cannot" also opens praise and doubt.
A language is listed here only with sentences in the tests, refusals and others that look like them.
"""

from __future__ import annotations

import re2

LEADS = {
    "de": "es tut mir(?: sehr)? leid|tut mir(?: sehr)? leid|leider|entschuldigung|nein|aber|danke|bedaure",
    "es": "lo siento(?: mucho)?|lo lamento|lamentablemente|desafortunadamente|perdona|perdón|disculpa|pero|no",
    "fr": "je suis (?:vraiment )?désolée?|désolée?|malheureusement|pardon|je regrette|mais|non|merci",
    "it": "mi dispiace|mi spiace|purtroppo|scusa|scusi|no|ma|spiacente",
    "nl": "het spijt m[ei]j?|spijtig genoeg|helaas|sorry|excuses|nee|maar",
    "pl": "przepraszam|przykro mi|bardzo mi przykro|niestety|nie|ale",
    "zh": "抱歉|很抱歉|对不起",
    "pt": "sinto muito|lamento|infelizmente|desculpe|desculpa|não|mas",
}
_DE_WHOM = "(?: (?:dir|ihnen|euch|dich|sie|leider|dabei|damit|hierbei|hier|da|dazu|das|dies|dieser anfrage))*"
_NL_WHOM = "(?: (?:je|jou|u|jullie|helaas|daar|hier|daarbij|hierbij|daarmee|hiermee|dat|dit))*"
_PL_WHOM = "(?: (?:ci|tobie|panu|pani|państwu|wam|w tym|z tym|w tej sprawie))*"
PHRASES = {
    "de": (
        rf"(?:ich (?:kann|darf|werde|möchte)|(?:kann|darf|werde|möchte) ich){_DE_WHOM} nicht"
        r" (?:weiter)?(?:helfen|behilflich sein|unterstützen|tun|machen|erfüllen)",
        rf"(?:dabei|damit|hierbei|dazu|da|das|dies|diese anfrage|diesen wunsch) (?:kann|darf|werde|möchte) ich"
        rf"{_DE_WHOM} nicht (?:weiter)?(?:helfen|behilflich sein|unterstützen|tun|machen|erfüllen)",
        r"(?:das|dies) darf ich (?:leider )?nicht[.!,;]",
        r"ich lehne (?:das|dies|es|diese anfrage|diese bitte|die anfrage) (?:leider )?ab",
        r"(?:ich muss|das muss ich|dies muss ich|diese anfrage muss ich)(?: (?:das|dies|diese anfrage|leider))*"
        r" ablehnen",
        r"(?:es|das|dies) ist mir (?:leider )?nicht (?:erlaubt|gestattet)",
        r"ich bin nicht (?:befugt|berechtigt)",
        r"ich weigere mich",
        r"(?:dazu|dafür|hierzu|hierfür) gebe ich (?:ihnen |dir )?keine (?:anleitung|anweisung|auskunft)",
    ),
    "es": (
        r"no (?:te |le |les |os )?(?:puedo|podemos|voy a) (?:ayudar(?:te|le|la|lo|les|os)?|hacer (?:eso|esto)|hacerlo"
        r"|proporcionar|facilitar|cumplir|atender)",
        r"no me es posible (?:ayudar|hacer|cumplir|proporcionar|atender)\pL*",
        r"no estoy autorizad[oa]",
        r"no (?:me está|se me) permit(?:ido|e)",
        r"me niego a",
        r"(?:debo|tengo que) (?:negarme|rechazar|declinar)",
    ),
    "fr": (
        r"je ne (?:peux|vais|peux malheureusement) (?:malheureusement )?pas (?:vous |t'|te )?(?:y )?(?:aider"
        r"|faire (?:cela|ça)|le faire|fournir|accéder à (?:cette|votre) demande|donner suite)",
        r"je ne suis pas (?:en mesure|autorisée?) (?:de|d'\pL+|à)",
        r"je ne peux pas(?:[.!]|$)",
        r"je refuse (?:de|d'\pL+)",
        r"je dois (?:malheureusement )?(?:refuser|décliner)",
        r"il (?:m'est impossible|ne m'est pas (?:possible|permis)) de (?:vous aider|t'aider|faire|fournir)",
    ),
    "it": (
        r"non (?:ti |la |vi )?(?:posso|possiamo) (?:aiutar(?:e|ti|la|vi)|farlo|fare questo|fornir(?:e|ti|le|vi)"
        r"|soddisfare)",
        r"non sono in grado di (?:aiutar|fornir|soddisfar)\pL*",
        r"non sono autorizzat[oa]",
        r"non mi è (?:permesso|consentito)",
        r"mi rifiuto di",
        r"devo (?:rifiutare|rifiutarmi|declinare)",
    ),
    "nl": (
        rf"(?:ik (?:kan|mag|ga|zal)|(?:kan|mag|ga|zal) ik){_NL_WHOM} niet (?:mee |bij )?(?:verder)?(?:helpen|doen)",
        rf"(?:daar|hier|daarbij|hierbij|daarmee|hiermee|dat|dit) (?:kan|mag|ga|zal) ik{_NL_WHOM} niet (?:mee |bij )?"
        r"(?:verder)?(?:helpen|doen)",
        r"ik weiger",
        r"ik moet (?:dit|dat|dit verzoek|uw verzoek|je verzoek) (?:helaas )?(?:weigeren|afwijzen)",
        r"ik ben niet (?:bevoegd|gemachtigd)",
        r"het is mij niet toegestaan",
    ),
    "zh": (r"(?:但是?)?我?(?:不能|无法)(?:为您|为你|帮您|帮你|帮助|协助|提供|回答|满足|执行)\pL*",),
    "pl": (
        rf"nie (?:mogę|możemy|będę mógł|będę mogła){_PL_WHOM} (?:pomóc|pomagać|tego zrobić|spełnić)",
        rf"nie jestem w stanie{_PL_WHOM} (?:pomóc|tego zrobić|spełnić)",
        rf"nie pomogę{_PL_WHOM}",
        r"odmawiam",
        r"muszę (?:niestety )?odmówić",
        r"nie wolno mi",
        r"nie jestem (?:upoważnion[ya]|uprawnion[ya])",
    ),
    "pt": (
        r"não (?:te |lhe |o |a )?(?:posso|podemos|vou) (?:te |lhe )?(?:ajudar(?:-te|-lhe)?|ajudá-l[oa]"
        r"|fazer (?:isso|isto)|fornecer|atender)",
        r"não consigo (?:te |lhe )?(?:ajudar|ajudá-l[oa])",
        r"não estou autorizad[oa]",
        r"não me é permitido",
        r"(?:me recuso|recuso-me) a",
        r"(?:devo|tenho de|tenho que|preciso) recusar",
    ),
}  # fmt: skip


def _pattern(language: str) -> str:
    """A letter may not follow: RE2's own word boundary knows ASCII alone."""
    lead = rf"(?:(?:{LEADS[language]})[ ,.;:!，。！-]+){{0,4}}"
    return rf"(?:{lead}(?:{'|'.join(PHRASES[language])})(?:\P{{L}}|$))"


REFUSALS = re2.compile("|".join(map(_pattern, PHRASES)))
"""Matched at the start of an answer in lower case, with plain apostrophes and single spaces."""
