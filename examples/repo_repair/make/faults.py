"""Twelve small functions, each with a fault, a wrong turn, a repair, tests and an issue; four trades to write for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`THING` stands for what the trade deals in; `{x}` lines are bodies of the function."""

    name: str
    arguments: str
    faulty: str
    wrong: str
    right: str
    checks: tuple[str, ...]
    """Each fails on `faulty` and `wrong`."""
    english: str
    spanish: str


FAULTS = (
    Fault("mean", "values", "sum(values) / (len(values) - 1)", "sum(values) // len(values)",
          "sum(values) / len(values)", ("f([2, 4, 9]) == 5.0 and f([1, 2]) == 1.5",),
          "The mean of THING figures comes out too high. For 2, 4 and 9 we expect 5 and are shown 7.5, so the monthly "
          "THING overview is off for every short list.",
          "La media de las cifras de THING sale demasiado alta. Con 2, 4 y 9 esperamos 5 y se muestra 7,5, de modo que "
          "el resumen mensual de THING queda mal en toda lista corta."),
    Fault("clamp", "value, low, high", "min(low, max(high, value))", "max(value, min(low, high))",
          "max(low, min(high, value))", ("f(5, 0, 3) == 3", "(f(-1, 0, 3), f(2, 0, 3), f(9, 0, 3)) == (0, 2, 3)"),
          "Limits on THING are not kept: whatever we enter, the lower limit is stored. A THING value inside the "
          "allowed band must stay as it is.",
          "Los limites de THING no se respetan: da igual lo que se escriba, se guarda el limite inferior. Un valor de "
          "THING dentro de la banda permitida debe quedar como estaba."),
    Fault("latest", "items, n", "items[:n]", "items[n:]", "items[-n:] if n else []",
          ("f([1, 2, 3, 4, 5], 2) == [4, 5]", "f([1, 2, 3, 4, 5], 1) == [5]"),
          "Asking for the latest THING entries gives the oldest ones instead. With five entries and two wanted, the "
          "page about THING lists the first two.",
          "Al pedir las ultimas entradas de THING aparecen las mas antiguas. Con cinco entradas y dos pedidas, la "
          "pagina de THING muestra las dos primeras."),
    Fault("fahrenheit", "celsius", "celsius * 5 / 9 + 32", "(celsius + 32) * 9 / 5", "celsius * 9 / 5 + 32",
          ("f(100) == 212", "(f(0), f(-40)) == (32, -40)"),
          "Temperatures kept with each THING are converted wrongly: boiling water is displayed as 87.6 degrees "
          "Fahrenheit on the label of the THING.",
          "Las temperaturas guardadas con cada THING se convierten mal: el agua hirviendo figura con 87,6 grados "
          "Fahrenheit en la etiqueta de THING."),
    Fault("slug", "title", 'title.replace(" ", "-")', "title.lower()", '"-".join(title.lower().split())',
          ('f("New  List") == "new-list"',),
          "Links to a THING break when its title has capitals or two spaces in a row. The address of such a THING "
          "should be lower case with single hyphens.",
          "Los enlaces a THING se rompen si el titulo lleva mayusculas o dos espacios seguidos. La direccion de THING "
          "deberia ir en minusculas y con guiones simples."),
    Fault("unique", "items", "sorted(set(items))", "list(set(items))[::-1]", "list(dict.fromkeys(items))",
          ("f([3, 1, 3, 2]) == [3, 1, 2]", "f([9, 8, 9, 7, 8]) == [9, 8, 7]"),
          "Removing repeated THING names also sorts them, which nobody asked for. The first occurrence of each THING "
          "should keep its place in the list.",
          "Al quitar nombres repetidos de THING tambien se ordenan, cosa que nadie pidio. La primera aparicion de cada "
          "THING debe conservar su lugar en la lista."),
    Fault("percent", "part, whole", "part / whole", "100 * whole / part", "100 * part / whole if whole else 0.0",
          ("f(1, 4) == 25", "(f(3, 4), f(0, 4) if f(1, 4) == 25 else None) == (75, 0)"),
          "The share of finished THING work is printed as 0.25 per cent when a quarter is done; the bar on the THING "
          "board hardly ever moves.",
          "La parte terminada de THING se imprime como 0,25 por ciento cuando va una cuarta parte; la barra del "
          "tablero de THING casi no se mueve."),
    Fault("words", "text", 'len(text.split(" "))', "len(text)", "len(text.split())",
          ('f("a  b c") == 3', 'f("one two\\tthree") == 3'),
          "The length limit for THING notes counts words wrongly. Line breaks and double spaces make a THING note look "
          "longer or shorter than it really is.",
          "El limite de longitud de las notas de THING cuenta mal las palabras. Los saltos de linea y los espacios "
          "dobles hacen que una nota de THING parezca otra cosa."),
    Fault("palindrome", "text", "text == text[::-1]", "text.lower() == text[::-1]",
          "text.lower() == text.lower()[::-1]", ('f("Level") and f("Noon")', 'f("Kayak") and not f("Kayaks")'),
          "The puzzle page about THING rejects words such as Level since it tells capitals from small letters. "
          "Mirrored words in the THING quiz should count either way.",
          "La pagina de acertijos sobre THING rechaza palabras como Level porque distingue mayusculas. En el concurso "
          "de THING las palabras reflejadas valen de las dos maneras."),
    Fault("round_up", "n, k", "n // k * k", "(n + k) // k * k", "-(-n // k) * k",
          ("f(10, 4) == 12 and f(8, 4) == 8", "(f(1, 5), f(5, 5)) == (5, 5)"),
          "Orders of THING should fill whole boxes, but ten pieces at four a box are planned as eight. The last box of "
          "THING is never sent.",
          "Los pedidos de THING deberian llenar cajas enteras, pero diez piezas a cuatro por caja se planean como "
          "ocho. La ultima caja de THING nunca sale."),
    Fault("initials", "name", "name[0]", "name.upper()[:2]", '"".join(part[0].upper() for part in name.split())',
          ('f("ada king lovelace") == "AKL"', 'f("grace hopper") == "GH"'),
          "Badges at the THING desk carry a single letter. Someone with three names wants all three initials in "
          "capitals on the THING badge.",
          "Las credenciales del mostrador de THING llevan una sola letra. Quien tiene tres nombres quiere sus tres "
          "iniciales en mayusculas en la credencial de THING."),
    Fault("leap", "year", "year % 4 == 0", "year % 4 == 0 and year % 100 != 0",
          "year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)",
          ("[f(2000), f(1900), f(2024), f(2023)] == [True, False, True, False]",),
          "The THING calendar shows a 29th of February in 1900. Dates of THING visits in the archive are one day late "
          "from then on.",
          "El calendario de THING muestra un 29 de febrero en 1900. Desde entonces las visitas de THING del archivo "
          "salen un dia tarde."),
)  # fmt: skip

TRADES = (("invoice", "facturas"), ("harvest", "cosechas"), ("library", "biblioteca"), ("railway", "trenes"))
