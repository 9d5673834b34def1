"""Tableaux et graphiques interactifs dans les carnets, hors réseau et en français.

itables emporte ses scripts dans le carnet. Altair dessine par le moteur Vega que JupyterLab contient : il attend des
descriptions Vega-Lite 5, dont celles d'Altair ne s'écartent que par le numéro annoncé.
"""

from __future__ import annotations

from typing import Any

_TABLEAUX = {"search": "Chercher :", "lengthMenu": "_MENU_ lignes par page", "info": "_START_ à _END_ sur _TOTAL_",
             "infoEmpty": "Rien à montrer", "infoFiltered": "(de _MAX_ en tout)", "zeroRecords": "Rien ne correspond",
             "emptyTable": "Tableau vide"}
# Pas d'éditeur en ligne : seulement l'enregistrement de l'image.
_GRAPHIQUES = {"actions": {"export": True, "source": False, "compiled": False, "editor": False},
               "i18n": {"SVG_ACTION": "Enregistrer en SVG", "PNG_ACTION": "Enregistrer en PNG",
                        "CLICK_TO_VIEW_ACTIONS": "Enregistrer"},
               "formatLocale": {"decimal": ",", "thousands": "\N{NARROW NO-BREAK SPACE}", "grouping": [3],
                                "currency": ["", " €"]}}


def rendre_interactif() -> None:
    """Rend interactifs, pour ce carnet, les tableaux pandas et les graphiques Altair."""
    import altair
    import itables

    itables.init_notebook_mode(all_interactive=False, connected=False)
    itables.options.language = _TABLEAUX
    itables.options.maxBytes = "1MB"
    itables.options.display_logo_when_loading = False
    itables.options.classes = "display compact"  # sans « nowrap » : un verbatim va à la ligne
    itables.options.columnDefs = [{"className": "dt-left", "targets": "_all"}]
    itables.options.style = "table-layout: auto; width: 100%"
    altair.renderers.register("jupyterlab_hors_ligne", _dessiner)
    altair.renderers.enable("jupyterlab_hors_ligne")


def _dessiner(description: dict[str, Any], **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    moteur = "application/vnd.vegalite.v5+json"
    annonce = {**description, "$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    return {moteur: annonce, "text/plain": "Graphique interactif : ouvrez ce carnet dans JupyterLab."}, {
        moteur: {"embed_options": _GRAPHIQUES}}
