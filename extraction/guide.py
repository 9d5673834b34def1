"""Le guide de codage : une grille mise en page pour être lue, en Markdown et en HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extraction.grille import Code, Grille

# Couleurs et traits en transparence : lisible sur les thèmes clair et sombre de JupyterLab.
_STYLE = """
.guide-codage { font: 14px/1.45 system-ui, sans-serif; max-width: 1100px; }
.guide-codage h3 { font-size: 1.35em; margin: 0.4em 0; }
.guide-codage h4 { font-size: 1.1em; margin: 1.2em 0 0.4em; }
.guide-codage p { margin: 0.2em 0; }
.guide-codage ul { margin: 0; padding-left: 1.1em; }
.guide-codage details { margin: 0.4em 0; }
.guide-codage summary { cursor: pointer; }
.guide-codage .discret { opacity: 0.75; }
.guide-codage table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: 0;
  font-size: 1em; }
.guide-codage tbody tr { background: none; }
.guide-codage td, .guide-codage th { padding: 0.5em 0.7em; line-height: 1.45; text-align: left;
  vertical-align: top; white-space: normal; overflow-wrap: break-word;
  border-top: 1px solid rgba(128, 128, 128, 0.35); }
.guide-codage thead th { border-top: none; }
.guide-codage .famille th { background: rgba(128, 128, 128, 0.12); }
.guide-codage .etiquette { display: inline-block; padding: 0.05em 0.5em; border-radius: 0.3em;
  color: #000; font-weight: 600; }
""".replace(".guide-codage", ".guide-codage.guide-codage")  # l'emporte sur les tables de JupyterLab


def par_famille(grille: Grille, genre: str) -> Iterator[tuple[str, tuple[Code, ...]]]:
    """Rend (intitulé de la famille, ses codes) pour un genre, d'abord les codes sans famille (« »)."""
    codes = grille.du_genre(genre)
    intitules = {"": ""} | {f.identifiant: f"{f.identifiant}. {f.intitule}" for f in grille.familles}
    for identifiant, intitule in intitules.items():
        groupe = tuple(code for code in codes if code.famille == identifiant)
        if groupe:
            yield intitule, groupe


def en_markdown(grille: Grille) -> str:
    """Rend le guide en Markdown : tête, modalités, règles, puis les codes par genre et par famille.

    Les signes de mise en forme que contiennent les textes sont neutralisés.
    """
    lignes = [f"# {_neutre(grille.titre)}", "", *_tete(grille)]
    lignes += ["## Modalités", "", "| modalité | intitulé | quand |", "| --- | --- | --- |"]
    for modalite in grille.modalites:
        lignes.append(
            f"| `{modalite.identifiant}` | {_neutre(modalite.intitule)} | {_neutre(modalite.quand)} |"
        )
    if grille.regles:
        lignes += ["", "## Règles communes", "", *(f"- {_neutre(regle)}" for regle in grille.regles)]
    for genre in grille.genres:
        lignes += ["", f"## {_neutre(genre.intitule)}"]
        for famille, codes in par_famille(grille, genre.identifiant):
            if famille:
                lignes += ["", f"### {_neutre(famille)}"]
            for code in codes:
                lignes += ["", *_code_en_markdown(code)]
    return "\n".join(lignes) + "\n"


def _tete(grille: Grille) -> Iterator[str]:
    if grille.description:
        yield from (_neutre(grille.description), "")
    version = f", version {_neutre(grille.version)}" if grille.version else ""
    yield from (f"*Grille {_neutre(grille.identifiant)}{version} : {len(grille)} codes.*", "")


def _code_en_markdown(code: Code) -> Iterator[str]:
    yield f"**{_neutre(code.code)} {_neutre(code.intitule)}** — {_neutre(code.definition)}"
    listes = (("Coder", code.inclusions), ("Ne pas coder", code.exclusions), ("Exemples", code.exemples))
    if any(textes for _, textes in listes):
        yield ""
    for titre, textes in listes:
        if textes:
            yield f"- *{titre} :*"
            yield from (f"    - {_neutre(texte)}" for texte in textes)


def _neutre(texte: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", texte)


def en_html(grille: Grille) -> str:
    """Rend le guide en HTML, pour un carnet ; tous les textes sont échappés."""
    tete = _affiche(grille.identifiant)
    if grille.version:
        tete += f", version {_affiche(grille.version)}"
    regles = f"<p><b>Règles communes</b></p>{_liste(grille.regles)}" if grille.regles else ""
    morceaux = [
        f'<div class="guide-codage mathjax_ignore tex2jax_ignore"><style>{_STYLE}</style>',
        f"<h3>{_affiche(grille.titre)}</h3>",
        f"<p>{_affiche(grille.description)}</p>" if grille.description else "",
        f'<p class="discret">Grille {tete} : {len(grille)} codes.</p>',
        "<details><summary>Modalités et règles communes</summary><p><b>Modalités</b></p><ul>",
        *(f"<li><b>{_affiche(m.intitule)}</b> : {_affiche(m.quand)}</li>" for m in grille.modalites),
        f"</ul>{regles}</details>",
    ]
    for genre in grille.genres:
        morceaux.append(f"<h4>{_affiche(genre.intitule)}</h4><table>")
        morceaux.append(
            '<colgroup><col style="width: 44%"><col style="width: 28%"><col style="width: 28%"></colgroup>'
            "<thead><tr><th>Code et définition</th><th>Coder</th><th>Ne pas coder</th></tr></thead><tbody>"
        )
        for famille, codes in par_famille(grille, genre.identifiant):
            if famille:
                morceaux.append(f'<tr class="famille"><th colspan="3">{_affiche(famille)}</th></tr>')
            morceaux += [_code_en_html(code) for code in codes]
        morceaux.append("</tbody></table>")
    return "\n".join(morceaux) + "</div>"


def _code_en_html(code: Code) -> str:
    exemples = ""
    if code.exemples:
        exemples = f"<details><summary>Exemples</summary>{_liste(code.exemples)}</details>"
    return (
        f'<tr><td><p><span class="etiquette" style="background: {code.couleur}">{_affiche(code.code)}</span> '
        f"<b>{_affiche(code.intitule)}</b></p><p>{_affiche(code.definition)}</p>{exemples}</td>"
        f"<td>{_liste(code.inclusions)}</td><td>{_liste(code.exclusions)}</td></tr>"
    )


def _liste(textes: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_affiche(texte)}</li>" for texte in textes) + "</ul>" if textes else ""


def _affiche(texte: str) -> str:
    """Échappe le texte, et retient les signes doubles et les guillemets en bout de ligne."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", "\N{NO-BREAK SPACE}", escape(texte))
