"""Montrer une matrice, un thème et ses verbatims dans un carnet Jupyter (voir `corpus.affichages`)."""

from __future__ import annotations

import pandas as pd

from corpus.affichages import Affichage, encadrer, etiquette, texte_sur
from corpus.fiches import PORTEE_NATIONALE
from modeles.stabilite_themes import juger
from restitution.donnees import CATEGORIES, LIBELLES_MODALITES, GrilleLisible, intitules

MESURES = {"phrases": "phrases", "entretiens": "entretiens", "categories": "catégories d'acteurs"}
_TEINTE_MAX = 0.45
_TEINTE = "31, 119, 180"


def montrer_matrice(matrice: pd.DataFrame, grille: GrilleLisible, modalite: str = "presente",
                    mesure: str = "entretiens") -> Affichage:
    """Montre la matrice code × territoire, chaque case d'autant plus teintée que son nombre est grand.

    Parameters
    ----------
    matrice : pandas.DataFrame
        Ce que rend `evaluation.matrices.matrice`.
    grille : GrilleLisible
    modalite : {"presente", "absente", "hypothetique"}
    mesure : {"entretiens", "phrases", "categories"}
        Ce que comptent les cases.

    Raises
    ------
    ValueError
        Modalité ou mesure inconnue.
    """
    if modalite not in LIBELLES_MODALITES or mesure not in MESURES:
        raise ValueError(f"modalité parmi {', '.join(LIBELLES_MODALITES)} ; mesure parmi {', '.join(MESURES)} ; "
                         f"reçu {modalite!r} et {mesure!r}")
    cases = matrice[matrice["modalite"] == modalite].pivot(index="code", columns="territoire", values=mesure)
    haut = max(int(cases.to_numpy().max(initial=0)), 1)
    morceaux = [f"<h3>{texte_sur(f'Mentions de modalité « {LIBELLES_MODALITES[modalite]} »')}</h3>",
                f'<p class="discret">Nombre : {MESURES[mesure]}, par code et par territoire.</p><table><thead><tr><th>code</th>',
                *(f'<th class="nombre">{texte_sur(lieu or "(sans)")}</th>' for lieu in cases.columns), "</tr></thead><tbody>"]
    for genre, nom in intitules(grille.genres).items():
        morceaux.append(f'<tr><th colspan="{len(cases.columns) + 1}">{texte_sur(nom)}</th></tr>')
        for code in grille:
            if code.genre == genre and code.code in cases.index:
                morceaux.append(f"<tr><td>{etiquette(code.code, couleur=code.couleur)} {texte_sur(code.intitule)}</td>")
                morceaux += [f'<td class="nombre" style="background: rgba({_TEINTE}, {_TEINTE_MAX * nombre / haut:.2f})">'
                             f"{nombre}</td>" for nombre in map(int, cases.loc[code.code])]
                morceaux.append("</tr>")
    return encadrer(*morceaux, "</tbody></table>")


def montrer_theme(theme: str, themes: pd.DataFrame, liens: pd.DataFrame, phrases: pd.DataFrame,
                  entretiens: pd.DataFrame | None = None, portee: str = PORTEE_NATIONALE, nombre: int = 8) -> Affichage:
    """Montre un thème : ses mots, sa part, sa stabilité, et ses phrases les plus représentatives.

    Parameters
    ----------
    theme : str
        Son code (« t01 »).
    themes, liens : pandas.DataFrame
        `themes.csv` et `themes_phrases.csv`, ou ce que rend `modeles.tableaux_themes.tableaux_themes`.
    phrases : pandas.DataFrame
    entretiens : pandas.DataFrame, optional
        Donne le territoire et la catégorie de qui parle.
    portee : str
        « national » ou un territoire.
    nombre : int
        Nombre de verbatims, un par entretien au plus : la plus longue phrase du segment le plus proche du thème.

    Raises
    ------
    KeyError
        La portée n'a pas ce thème.
    """
    trouves = themes[(themes["portee"] == portee) & (themes["theme"] == theme)]
    if trouves.empty:
        raise KeyError(f"le thème « {theme} » n'existe pas dans la portée « {portee} »")
    fiche = trouves.iloc[0]
    siens = liens[(liens["portee"] == portee) & (liens["theme"] == theme)]
    # Les phrases d'un segment ont le même poids : la plus longue d'abord, qui se comprend le mieux seule.
    dites = siens.merge(phrases[["entretien", "phrase", "texte"]], on=["entretien", "phrase"])
    dites = dites.assign(longueur=dites["texte"].str.len()).sort_values(["poids", "longueur"], ascending=False, kind="stable")
    dites = dites.drop_duplicates("entretien").head(nombre)
    qui = {} if entretiens is None else {ligne.entretien: [ligne.territoire, CATEGORIES.get(ligne.categorie, ligne.categorie)]
                                         for ligne in entretiens.itertuples()}
    faits = [f"{100 * fiche['part']:.1f} % des phrases".replace(".", ","), f"{siens['entretien'].nunique()} entretiens",
             juger(float(fiche["stabilite"])) if "stabilite" in fiche else "", f"portée : {portee}"]
    verbatims = [f'<blockquote>{texte_sur(dite.texte)}<p class="discret">'
                 + " · ".join(texte_sur(mot) for mot in (f"{dite.entretien}, {dite.phrase}", *qui.get(dite.entretien, [])) if mot)
                 + "</p></blockquote>" for dite in dites.itertuples()]
    return encadrer(f"<h3>{etiquette(theme)} {texte_sur(fiche['libelle'])}</h3>",
                    f"<p>{texte_sur(str(fiche['mots']).replace(';', ', '))}</p>",
                    f'<p class="discret">{" · ".join(texte_sur(fait) for fait in faits if fait)}</p>', *verbatims)
