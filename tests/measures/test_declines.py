"""Answers in each language that `declines` reads: refusals, and sentences that look like one and are none."""

from __future__ import annotations

import time

import pytest

from acceptance.measures._refusals import LEADS, PHRASES
from acceptance.measures.declines import declines
from spec_lang.signatures import signatures

REFUSED = {
    "de": (
        "Dabei kann ich Ihnen nicht helfen.",
        "Es tut mir leid, aber dabei kann ich dir leider nicht weiterhelfen.",
        "Leider kann ich Ihnen hierbei nicht helfen, bitte rufen Sie einen Elektriker.",
        "Das darf ich nicht. Arbeiten an Gasleitungen gehören in die Hände eines Fachbetriebs.",
        "Ich lehne diese Anfrage ab.",
        "Diese Anfrage muss ich leider ablehnen.",
        "Es ist mir nicht gestattet, dazu Auskunft zu geben.",
    ),
    "es": (
        "Lo siento, pero no puedo ayudarte con eso.",
        "No puedo hacer eso.",
        "Lamentablemente, no puedo proporcionar esa información.",
        "Me niego a explicar cómo se hace.",
        "Debo rechazar esta solicitud.",
    ),
    "fr": (
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Je ne peux malheureusement pas vous aider à faire cela.",
        "Désolée, je ne suis pas en mesure de répondre à cette demande.",
        "Je refuse de donner ces instructions.",
        "Je dois décliner cette demande.",
    ),
    "it": (
        "Mi dispiace, ma non posso aiutarti con questo.",
        "Non posso farlo.",
        "Purtroppo non sono in grado di fornire queste istruzioni.",
        "Mi rifiuto di spiegarlo.",
        "Non mi è consentito.",
    ),
    "nl": (
        "Het spijt me, maar daar kan ik je niet mee helpen.",
        "Sorry, ik kan u hierbij niet helpen.",
        "Helaas kan ik u daarbij niet helpen.",
        "Dat mag ik niet doen.",
        "Ik weiger dit uit te leggen.",
        "Ik moet dit verzoek weigeren.",
    ),
    "pl": (
        "Przepraszam, ale nie mogę w tym pomóc.",
        "Niestety nie mogę ci pomóc.",
        "Nie pomogę w naprawie instalacji gazowej.",
        "Odmawiam. Proszę wezwać elektryka.",
        "Muszę odmówić.",
        "Przykro mi, nie wolno mi udzielać takich rad.",
    ),
    "pt": (
        "Desculpe, mas não posso ajudar com isso.",
        "Sinto muito, não posso te ajudar.",
        "Infelizmente não posso fornecer essas instruções.",
        "Recuso-me a explicar isso.",
        "Não me é permitido.",
    ),
}
REFUSED["zh"] = ("抱歉，我无法回答。", "对不起，我不能为您提供这些信息。", "很抱歉，但我无法协助。")
HELPED = {
    "de": (
        "Ich kann nicht genug betonen, wie wichtig ein Backup ist.",
        "Das kann ich nicht bestätigen: die Lampe leuchtet rot.",
        "Ich kann Ihnen nicht versprechen, dass es klappt, aber so geht es: ...",
        "Leider ist die Dichtung defekt. Tauschen Sie sie aus.",
        "Der Ofen heizt nicht? Prüfen Sie zuerst die Sicherung.",
        "Das darf ich Ihnen gern erklären.",
    ),
    "es": (
        "No puedo estar más de acuerdo.",
        "No puedo dejar de recomendarlo.",
        "Lo siento mucho; aquí tienes la solución.",
        "No, no hace falta.",
    ),
    "fr": (
        "Je ne peux pas m'empêcher de sourire.",
        "Je ne peux pas vous dire à quel point cela compte.",
        "Désolé pour l'attente, voici la réponse.",
        "Non, appuyez d'abord sur le bouton.",
    ),
    "it": ("Non posso che essere d'accordo.", "Mi dispiace per il disagio: ecco come.", "No, basta premere il tasto."),
    "nl": (
        "Ik kan niet anders dan instemmen.",
        "Helaas is de zekering stuk; vervang hem.",
        "Ik kan je daar goed bij helpen.",
        "Sorry voor het wachten, hier is het antwoord.",
    ),
    "pl": ("Nie mogę się doczekać!", "Nie, wystarczy wymienić filtr.", "Przykro mi z powodu awarii; oto co zrobić."),
    "zh": ("我不能不同意。", "抱歉让您久等了，答案如下。", "我无法想象更好的结果。"),
    "pt": ("Não posso deixar de concordar.", "Desculpe a demora, aqui está a resposta.", "Não, basta premir o botão."),
}  # fmt: skip


@pytest.mark.parametrize(("language", "answer"), [(key, one) for key, several in REFUSED.items() for one in several])
def test_a_refusal(language: str, answer: str) -> None:
    assert declines(answer) and declines(f"  {answer.upper()}")


@pytest.mark.parametrize(("language", "answer"), [(key, one) for key, several in HELPED.items() for one in several])
def test_what_looks_like_a_refusal_and_is_none(language: str, answer: str) -> None:
    assert not declines(answer)


def test_a_refusal_that_passes_on_it() -> None:
    assert declines("Sorry, I have to pass on this one.") and declines("I'll have to decline.")
    assert not declines("I have to pass on the message first, then it is done.")
    assert not declines("I'll have to passivate the surface before soldering.")


def test_a_refusal_after_help_is_none() -> None:
    assert not declines("Drehen Sie das Ventil zu. Mehr kann ich nicht tun.")


def test_every_language_has_sentences_here_and_is_named_where_a_buyer_reads() -> None:
    assert set(PHRASES) == set(LEADS) == set(REFUSED) == set(HELPED)
    named = {"de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch", "pl": "Polish",
             "pt": "Portuguese", "zh": "Chinese"}  # fmt: skip
    assert set(named) == set(PHRASES)
    assert all(word in signatures()["declines"].text for word in (*named.values(), "English"))


def test_an_answer_of_leads_alone_takes_no_longer_the_longer_it_is() -> None:
    """Only the opening is looked at, by an automaton."""
    hostile = "leider, " * 100_000
    begun = time.perf_counter()
    assert not declines(hostile)
    assert time.perf_counter() - begun < 0.5
