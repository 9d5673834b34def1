"""Montrer un entretien et une étude dans un carnet Jupyter : du HTML sobre, lisible en clair et en sombre.

Aucun texte n'y devient une balise, ni une formule (`mathjax_ignore`). Une mention se repère sans la couleur :
elle est soulignée (trait plein, tirets ou points, selon la modalité) et suivie de son code écrit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from corpus.etude import EntretienLu, Etude

LIBELLES_MODALITES: dict[str, str] = {"presente": "présente", "absente": "absente", "hypothetique": "hypothétique"}
_COULEUR = "#FFE08A"
_HEXADECIMALE = re.compile(r"#[0-9A-Fa-f]{6}")
# Couleurs et traits en transparence, texte de la page : lisible sur les thèmes clair et sombre de JupyterLab.
_STYLE = """
.monographies { font: 14px/1.5 system-ui, sans-serif; max-width: 1000px; }
.monographies h3 { font-size: 1.3em; margin: 0.4em 0; }
.monographies p { margin: 0.3em 0; }
.monographies ul { margin: 0.3em 0; padding-left: 1.2em; }
.monographies .discret { opacity: 0.75; }
.monographies .defile { max-height: 34em; overflow: auto; border: 1px solid rgba(128, 128, 128, 0.35); padding: 0 0.8em; }
.monographies .tour { display: grid; grid-template-columns: 9em 1fr; gap: 0.8em; padding: 0.4em 0;
  border-top: 1px solid rgba(128, 128, 128, 0.25); }
.monographies .tour:first-child { border-top: none; }
.monographies .qui { font-weight: 600; overflow-wrap: anywhere; }
.monographies .qui small { display: block; font-weight: 400; opacity: 0.75; }
.monographies .enqueteur { font-style: italic; }
.monographies .dit { white-space: pre-wrap; overflow-wrap: anywhere; }
.monographies mark { color: #000; padding: 0 0.1em; text-decoration: underline 2px; text-underline-offset: 0.2em; }
.monographies .absente { text-decoration-style: dashed; }
.monographies .hypothetique { text-decoration-style: dotted; }
.monographies .etiquette { display: inline-block; margin: 0 0.15em; padding: 0 0.4em; border-radius: 0.3em; color: #000;
  border: 1px solid rgba(0, 0, 0, 0.45); font: 600 12px/1.5 system-ui, sans-serif; white-space: nowrap; }
.monographies blockquote { margin: 0.6em 0; padding: 0 0 0 0.8em; border-left: 3px solid rgba(128, 128, 128, 0.6); }
.monographies table { border-collapse: collapse; font-size: 1em; margin: 0.4em 0; }
.monographies td, .monographies th { padding: 0.25em 0.6em; text-align: left; vertical-align: top; white-space: normal;
  border-top: 1px solid rgba(128, 128, 128, 0.35); }
.monographies td.nombre, .monographies th.nombre { text-align: right; }
.monographies td:first-child { min-width: 13em; }
.monographies tbody tr { background: none; }
""".replace(".monographies", ".monographies.monographies")  # l'emporte sur les tables de JupyterLab


class CodeMontre(Protocol):
    """Ce qu'on montre d'un code."""

    @property
    def code(self) -> str: ...
    @property
    def intitule(self) -> str: ...
    @property
    def couleur(self) -> str: ...


@dataclass(frozen=True)
class Affichage:
    """Du HTML qu'un carnet montre tel quel.

    Attributes
    ----------
    html : str
    """

    html: str = field(repr=False)

    def _repr_html_(self) -> str:
        return self.html


def encadrer(*morceaux: str) -> Affichage:
    """Réunit des morceaux de HTML, déjà échappés, dans un cadre qui porte le style."""
    return Affichage(f'<div class="monographies mathjax_ignore tex2jax_ignore"><style>{_STYLE}</style>'
                     + "".join(morceaux) + "</div>")


def texte_sur(texte: object) -> str:
    """Le texte échappé, qui retient les signes doubles et les guillemets en bout de ligne."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", escape(str(texte)))


def couleur_sure(couleur: str) -> str:
    """La couleur si elle est de la forme #RRVVBB, sinon un jaune pâle."""
    return couleur if _HEXADECIMALE.fullmatch(couleur) else _COULEUR


def etiquette(code: str, suite: str = "", couleur: str = _COULEUR, bulle: str = "") -> str:
    """Un code dans un cartouche."""
    return (f'<span class="etiquette" style="background: {couleur_sure(couleur)}" title="{escape(bulle)}">'
            f"{texte_sur(code)}{texte_sur(f' {suite}') if suite else ''}</span>")


def tableau(entetes: Iterable[str], lignes: Iterable[Iterable[object]]) -> str:
    """Un tableau dont la première colonne est en texte, les autres en nombres ; tout est échappé."""
    def rangee(balise: str, cases: Iterable[object]) -> str:
        return "<tr>" + "".join(f"<{balise}{' class=nombre' if rang else ''}>{texte_sur(case)}</{balise}>"
                                for rang, case in enumerate(cases)) + "</tr>"

    return (f"<table><thead>{rangee('th', entetes)}</thead><tbody>"
            + "".join(rangee("td", ligne) for ligne in lignes) + "</tbody></table>")


def montrer_entretien(lu: EntretienLu, mentions: pd.DataFrame | None = None,
                      grille: Iterable[CodeMontre] = ()) -> Affichage:
    """Montre un entretien, tour par tour, ses mentions surlignées.

    Parameters
    ----------
    lu : EntretienLu
    mentions : pandas.DataFrame, optional
        Colonnes entretien, debut, fin, code ; facultatives : modalite, confiance, codeur. Celles des autres
        entretiens sont laissées de côté.
    grille : Iterable[CodeMontre]
        Donne les intitulés et les couleurs.
    """
    codes = {code.code: code for code in grille}
    siennes: list[dict[str, object]] = []
    if mentions is not None:
        siennes = [{str(cle): valeur for cle, valeur in ligne.items()}
                   for ligne in mentions[mentions["entretien"] == lu.fiche.entretien].to_dict("records")]
    tours = [f'<div class="tour {"enquete" if tour.role == "enquete" else "enqueteur"}"><div class="qui">'
             f"{texte_sur(tour.locuteur) or ('enquêté' if tour.role == 'enquete' else 'enquêteur')}"
             f'<small>{texte_sur(tour.horodatage) or f"tour {tour.tour}"}</small></div><div class="dit">'
             + "".join(_surligner(tour.texte, tour.debut, siennes, codes)) + "</div></div>"
             for tour in lu.tours.itertuples()]
    fiche = lu.fiche
    variables = [fiche.territoire, fiche.fonction, fiche.categorie, fiche.date, fiche.fichier]
    return encadrer(
        f"<h3>{texte_sur(fiche.entretien)}</h3>",
        f'<p class="discret">{" · ".join(texte_sur(variable) for variable in variables if variable)}</p>',
        _legende(siennes, codes),
        *(f'<p class="discret">Supposé : {texte_sur(phrase)}</p>' for phrase in lu.suppositions),
        f'<div class="defile" tabindex="0" role="region" aria-label="Entretien {escape(fiche.entretien)}">',
        *tours, "</div>")


def _legende(mentions: list[dict[str, object]], codes: Mapping[str, CodeMontre]) -> str:
    if not mentions:
        return ""
    comptes = Counter(str(mention["code"]) for mention in mentions)
    rangs = {code: rang for rang, code in enumerate(codes)}
    lignes = [f"<li>{etiquette(code, couleur=_couleur(code, codes))} {texte_sur(codes[code].intitule) if code in codes else ''}"
              f" ({comptes[code]})</li>" for code in sorted(comptes, key=lambda code: (rangs.get(code, len(rangs)), code))]
    traits = ", ".join(f'<mark class="{cle}" style="background: {_COULEUR}">{nom}</mark>'
                       for cle, nom in LIBELLES_MODALITES.items())
    return (f"<details><summary>{len(mentions)} mentions, {len(comptes)} codes</summary><ul>{''.join(lignes)}</ul>"
            f"<p>Modalités : {traits}.</p></details>")


def _couleur(code: str, codes: Mapping[str, CodeMontre]) -> str:
    return couleur_sure(codes[code].couleur) if code in codes else _COULEUR


def _surligner(texte: str, depart: int, mentions: list[dict[str, object]],
               codes: Mapping[str, CodeMontre]) -> Iterator[str]:
    """Le texte d'un tour en morceaux, chacun sous les mêmes mentions ; une mention qui finit donne son étiquette."""
    ici = [(max(int(str(m["debut"])) - depart, 0), min(int(str(m["fin"])) - depart, len(texte)), m) for m in mentions]
    ici = [(debut, fin, mention) for debut, fin, mention in ici if debut < fin]
    bornes = sorted({0, len(texte), *(borne for debut, fin, _ in ici for borne in (debut, fin))})
    for debut, fin in zip(bornes, bornes[1:], strict=False):
        dessus = [mention for d, f, mention in ici if d <= debut and fin <= f]
        morceau = escape(texte[debut:fin])
        if dessus:
            modalite = str(dessus[0].get("modalite", ""))
            trait = modalite if modalite in LIBELLES_MODALITES else "presente"
            morceau = f'<mark class="{trait}" style="background: {_couleur(str(dessus[0]["code"]), codes)}">{morceau}</mark>'
        yield morceau
        for mention in (mention for _, f, mention in ici if f == fin):
            code, modalite = str(mention["code"]), str(mention.get("modalite", ""))
            bulle = [codes[code].intitule] if code in codes else []
            bulle += [f"{nom} : {mention[nom]}" for nom in ("confiance", "codeur")
                      if str(mention.get(nom, "")) not in ("", "nan")]
            yield etiquette(code, LIBELLES_MODALITES.get(modalite, modalite), _couleur(code, codes), " — ".join(bulle))


def montrer_etude(etude: Etude) -> Affichage:
    """Montre ce que contient une étude, sans en lire les textes : territoires, catégories d'acteurs, fautes."""
    categories = list(dict.fromkeys(fiche.categorie for fiche in etude.fiches))
    comptes = Counter((fiche.territoire, fiche.categorie) for fiche in etude.fiches)
    noms = {ligne["territoire"]: ligne.get("nom", "") for ligne in etude.inventaire.territoires}
    lieux = list(dict.fromkeys([*noms, *(fiche.territoire for fiche in etude.fiches)]))
    lignes = [[f"{lieu} {noms.get(lieu, '')}".strip() or "(sans territoire)",
               *(comptes[lieu, categorie] for categorie in categories),
               sum(comptes[lieu, categorie] for categorie in categories)] for lieu in lieux]
    return encadrer(
        f"<h3>{texte_sur(etude.titre)}</h3>",
        f'<p class="discret">{texte_sur(etude.dossier)} — {len(etude.fiches)} entretiens, {len(lieux)} territoires</p>',
        tableau(["territoire", *(categorie.replace("_", " ") or "(sans catégorie)" for categorie in categories), "total"],
                lignes),
        _liste("faute", etude.fautes), _liste("supposition", etude.inventaire.suppositions))


def _liste(quoi: str, dites: Iterable[object]) -> str:
    textes = [texte_sur(dite) for dite in dites]
    if not textes:
        return ""
    return (f"<details><summary>{len(textes)} {quoi}{'s' if len(textes) > 1 else ''}</summary><ul>"
            + "".join(f"<li>{texte}</li>" for texte in textes) + "</ul></details>")
