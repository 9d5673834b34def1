"""Les échanges d'une étude avec d'autres logiciels : `monographies exporter` et `monographies importer`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from chaine import charger_grille, chemin_grille
from codage.projet import CODAGES, ENTRETIENS, MEMOS, TERRITOIRES, Projet, table
from codage.qdpx import ecrire_qdc, ecrire_qdpx
from codage.qdpx_lecture import lire_qdc, lire_qdpx
from codage.taguette import lire_taguette
from codage.textometrie import ecrire_iramuteq, ecrire_quanteda, ecrire_txm
from codage.versement import MEMOS_CSV, Bilan, ouvrir_etude, verser
from codage.xml_refi import INTERDITS
from corpus.codages import MACHINE, NOM, OBLIGATOIRES, Index, controler
from corpus.etude import EntretienLu, Etude
from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import LigneCSV, lire_csv
from extraction.grille import Grille

FORMATS = {"qdpx": ".qdpx", "qdc": ".qdc", "iramuteq": "-iramuteq.txt", "txm": "-txm", "quanteda": "-quanteda.csv"}
"""Les formats d'export et la fin du nom de ce qu'ils écrivent (TXM : un dossier)."""


@dataclass(frozen=True)
class BilanExport:
    """Ce qu'un export a écrit, et ce qu'il faut en savoir."""

    chemin: Path
    phrases: tuple[str, ...]


def exporter(dossier: Path, format: str, sortie: Path | None = None, enquetes_seuls: bool = False) -> BilanExport:
    """Exporte une étude.

    Parameters
    ----------
    dossier : Path
    format : str
        Une clé de `FORMATS`.
    sortie : Path, optional
        Par défaut, un nom tiré de celui de l'étude, dans le dossier courant. Ne doit pas exister.
    enquetes_seuls : bool
        Pour la textométrie : sans les questions.

    Raises
    ------
    ErreurEtude
        Toutes les fautes de l'étude ; une sortie qui existe.
    """
    etude = Etude.ouvrir(dossier)
    chemin = sortie or Path(f"{dossier.resolve().name}{FORMATS[format]}")
    if chemin.exists():
        raise ErreurEtude([Faute(str(chemin), 0, "ce fichier existe déjà", "donnez un autre nom avec --sortie, ou supprimez-le")])
    if format == "qdc":
        grille = charger_grille(etude)
        ecrire_qdc(chemin, grille)
        return BilanExport(chemin, (f"{len(grille)} codes.",))
    lus = lire_tout(etude)
    compte = f"{len(lus)} entretiens"
    if format == "iramuteq":
        return BilanExport(chemin, (f"{compte}.", *ecrire_iramuteq(chemin, lus, enquetes_seuls)))
    if format == "quanteda":
        ecrire_quanteda(chemin, lus, enquetes_seuls)
    elif format == "txm":
        ecrire_txm(chemin, lus, etude.titre, enquetes_seuls)
    else:
        projet = projet_de_l_etude(etude, lus)
        ecrire_qdpx(chemin, projet)
        machine = projet.codages["codeur"].str.startswith(MACHINE)
        compte += (f", {len(projet.grille or ())} codes, {int((~machine).sum())} codages de personnes, "
                   f"{int(machine.sum())} mentions de machines, {len(projet.memos)} mémos")
        return BilanExport(chemin, (f"{compte}.", *projet.remarques))
    return BilanExport(chemin, (f"{compte}.",))


def importer(dossier: Path, fichier: Path) -> Bilan:
    """Importe un fichier dans une étude, neuve ou existante : .qdpx, .qdc, ou CSV de surlignages de Taguette.

    Raises
    ------
    ErreurEtude
        Fichier refusé, ou qui contredit l'étude ; rien n'est alors écrit.
    """
    suffixe = fichier.suffix.lower()
    if suffixe not in (".qdpx", ".qdc", ".csv"):
        raise ErreurEtude([Faute(str(fichier), 0, f"format « {suffixe or 'sans extension'} » inconnu",
                                 "formats importés : .qdpx, .qdc, .csv de Taguette ; un corpus IRaMuTeQ ou une transcription "
                                 "se dépose simplement dans entretiens/")])
    etude = ouvrir_etude(dossier)
    if suffixe == ".qdpx":
        projet = lire_qdpx(fichier)
    elif suffixe == ".qdc":
        codes = lire_qdc(fichier)
        projet = Projet(codes.grille.titre if codes.grille else fichier.stem, codes.grille, table(ENTRETIENS),
                        remarques=codes.remarques)
    else:
        if etude is None:
            raise ErreurEtude([Faute(str(dossier), 0, "Taguette n'exporte pas les textes avec les surlignages",
                                     "créez d'abord l'étude : déposez dans entretiens/ les textes donnés à Taguette")])
        projet = lire_taguette(fichier, etude.titre, lire_tout(etude))
    return verser(projet, dossier, etude, _grille_cible(dossier, etude, projet))


def _grille_cible(dossier: Path, etude: Etude | None, projet: Projet) -> Grille | None:
    """La grille à laquelle ramener les codes importés ; None s'il faut écrire celle du projet.

    Une étude sans fichier de grille emploie la grille livrée : elle la garde si elle a déjà été codée ou analysée, ou
    si tous les codes du projet y sont.
    """
    if etude is None:
        propre = dossier / "grille.yaml"
        return Grille.charger(propre, propre.name) if propre.exists() else None
    grille = charger_grille(etude)
    if chemin_grille(etude) or any((dossier / nom).exists() for nom in (NOM, "resultats")):
        return grille
    return grille if all(code.code in grille for code in projet.grille or ()) else None


def lire_tout(etude: Etude) -> list[EntretienLu]:
    """Tous les entretiens de l'étude, ou toutes ses fautes."""
    lus, fautes = [], list(etude.fautes)
    for fiche in etude.fiches:
        try:
            lus.append(etude.lire(fiche))
        except ErreurEtude as erreur:
            fautes += erreur.fautes
    if fautes:
        raise ErreurEtude(sorted(set(fautes)))
    return lus


def projet_de_l_etude(etude: Etude, lus: Sequence[EntretienLu]) -> Projet:
    """L'étude en projet d'échange : ses entretiens, sa grille, ce que personnes et machines y ont codé, ses mémos.

    Raises
    ------
    ErreurEtude
        Toutes les fautes de la grille, de codages.csv et de memos.csv.
    """
    grille = charger_grille(etude)
    textes = {lu.fiche.entretien: lu.document.texte for lu in lus}
    phrases = pd.concat([lu.phrases for lu in lus], ignore_index=True)
    fautes: list[Faute] = []
    humains = _codages(etude.dossier, phrases, textes, grille, fautes)
    machine, remarques = _mentions(etude.dossier, textes)
    memos = _memos(etude.dossier, fautes)
    if fautes:
        raise ErreurEtude(fautes)
    inconnues = sorted({mention[4] for mention in machine if mention[4] not in grille})
    if inconnues:
        remarques.append(f"mentions laissées de côté, leurs codes ne sont plus dans la grille : {', '.join(inconnues)}")
    codages = table(CODAGES, [*humains, *(m for m in machine if m[4] in grille)])
    sans_doubles = codages.drop_duplicates(["codeur", "entretien", "debut", "fin", "code", "modalite"], ignore_index=True)
    illisibles = sum(map(bool, map(INTERDITS.search, [*(m[5] for m in memos), *sans_doubles["memo"]])))
    if illisibles:
        remarques.append(f"{illisibles} mémos contiennent des signes que le XML n'admet pas, écrits « � »")
    return Projet(etude.titre, grille, _entretiens(etude, lus), etude.territoires[list(TERRITOIRES)], sans_doubles,
                  table(MEMOS, memos), tuple(remarques))


def _entretiens(etude: Etude, lus: Sequence[EntretienLu]) -> pd.DataFrame:
    """Les entretiens, leurs textes, et toute colonne de plus d'entretiens.csv."""
    chemin = etude.dossier / "entretiens.csv"
    lue = lire_csv(chemin, chemin.name, ("entretien",)) if chemin.exists() else None
    par_nom = {ligne.valeurs["entretien"]: ligne.valeurs for ligne in lue.lignes} if lue else {}
    autres = [colonne for colonne in (lue.colonnes if lue else ()) if colonne and colonne not in (*ENTRETIENS, "fichier")]
    lignes = [[lu.fiche.entretien, lu.document.texte, *(getattr(lu.fiche, colonne) for colonne in ENTRETIENS[2:]),
               *(par_nom[lu.fiche.entretien].get(colonne, "") for colonne in autres)] for lu in lus]
    return table([*ENTRETIENS, *autres], lignes)


Codage = tuple[str, str, int, int, str, str, str, str]


def _codages(dossier: Path, phrases: pd.DataFrame, textes: dict[str, str], grille: Grille, fautes: list[Faute]) -> list[Codage]:
    """Les codages de codages.csv, chacun à son passage, sinon à sa phrase."""
    if not (dossier / NOM).exists():
        return []
    try:
        lue = lire_csv(dossier / NOM, NOM, OBLIGATOIRES)
    except ErreurEtude as erreur:
        fautes += erreur.fautes
        return []
    fautes += lue.fautes
    index, codes = Index.de(phrases), {code.code for code in grille}
    bornes = {(e, p): (int(d), int(f)) for e, p, d, f in zip(
        phrases["entretien"], phrases["phrase"], phrases["debut"], phrases["fin"], strict=True)}
    codages = []
    for ligne in lue.lignes:
        v, phrase = ligne.valeurs, index.retrouver(ligne)
        passage = _passage(ligne, len(textes.get(v["entretien"], "")))
        de_la_phrase = bornes.get((v["entretien"], phrase)) if phrase else None
        siennes = controler(ligne, phrase or ("passage" if passage else ""), codes)
        fautes += siennes
        if siennes:
            continue
        if passage and de_la_phrase and not (passage[0] < de_la_phrase[1] and de_la_phrase[0] < passage[1]):
            passage = None  # le texte a changé depuis : la phrase, retrouvée, l'emporte
        debut, fin = passage or de_la_phrase or (0, 0)
        codages.append((v["codeur"], v["entretien"], debut, fin, v["code"], v.get("modalite", ""), v.get("memo", ""),
                        v.get("date", "")))
    return codages


def _passage(ligne: LigneCSV, longueur: int) -> tuple[int, int] | None:
    """Le passage que donne la ligne ; None si elle n'en donne pas, ou pas dans le texte."""
    try:
        debut, fin = int(ligne.valeurs.get("debut", "")), int(ligne.valeurs.get("fin", ""))
    except ValueError:
        return None
    return (debut, fin) if 0 <= debut < fin <= longueur else None


def _mentions(dossier: Path, textes: dict[str, str]) -> tuple[list[Codage], list[str]]:
    """Les mentions de la dernière analyse, sauf celles dont le texte a changé ; et ce qu'il faut en dire."""
    chemin = dossier / "resultats" / "mentions.parquet"
    if not chemin.exists():
        return [], ["étude non analysée : aucune mention de machine (« monographies analyser » d'abord, pour en avoir)"]
    mentions, perimees = [], 0
    for m in pd.read_parquet(chemin).to_dict("records"):
        debut, fin = int(m["debut"]), int(m["fin"])
        if textes.get(m["entretien"], "")[debut:fin] != m["texte"]:
            perimees += 1
            continue
        memo = f"Confiance {m['confiance']:.2f}".replace(".", ",") if pd.notna(m["confiance"]) else ""
        memo = " ; ".join(filter(None, [memo, f"preuve : « {m['preuve']} »" if m["preuve"] else "",
                                        "à relire" if m.get("a_relire") else ""]))
        mentions.append((m["codeur"], m["entretien"], debut, fin, m["code"], m["modalite"], memo, ""))
    return mentions, [f"{perimees} mentions laissées de côté : leur entretien a changé depuis l'analyse, relancez-la"
                      ] if perimees else []


def _memos(dossier: Path, fautes: list[Faute]) -> list[tuple[str, str, str, int, int, str, str]]:
    if not (dossier / MEMOS_CSV).exists():
        return []
    try:
        lue = lire_csv(dossier / MEMOS_CSV, MEMOS_CSV, MEMOS)
    except ErreurEtude as erreur:
        fautes += erreur.fautes
        return []
    fautes += lue.fautes
    memos = []
    for ligne in lue.lignes:
        v = ligne.valeurs
        try:
            debut, fin = (int(v[borne] or 0) for borne in ("debut", "fin"))
        except ValueError:
            fautes.append(Faute(MEMOS_CSV, ligne.ligne, "début ou fin qui n'est pas un nombre", "corrigez ou retirez la ligne"))
            continue
        memos.append((v["auteur"], v["objet"], v["cible"], debut, fin, v["texte"], v["date"]))
    return memos
