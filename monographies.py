"""La ligne de commande `monographies` : elle ne fait que relier."""

from __future__ import annotations

import errno
import gettext
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

# click écrit son aide par gettext : le catalogue français est livré à côté de la chaîne.
os.environ["LANGUAGE"] = "fr"
gettext.bindtextdomain("messages", str(Path(__file__).parent / "restitution" / "langues"))

import click  # noqa: E402
from tqdm import tqdm  # noqa: E402

from corpus.fautes import ErreurEtude, Faute  # noqa: E402

if TYPE_CHECKING:
    from chaine import Bilan

DOSSIER = click.Path(path_type=Path)
_RAISONS = {errno.EACCES: "droits insuffisants", errno.EPERM: "droits insuffisants", errno.ENOSPC: "disque plein",
            errno.EROFS: "disque en lecture seule", errno.ENOTDIR: "un fichier tient la place d'un dossier",
            errno.ENOENT: "fichier disparu", errno.EISDIR: "un dossier tient la place d'un fichier",
            errno.EEXIST: "un fichier tient la place d'un dossier"}


@click.group(subcommand_metavar="COMMANDE …", options_metavar="[OPTIONS]",
             context_settings={"help_option_names": ["-h", "--aide", "--help"]})
@click.version_option(package_name="monographies", message="%(prog)s %(version)s")
def principal() -> None:
    """Fouille d'entretiens qualitatifs en français : repérer, regrouper, comparer, restituer."""


@principal.command()
@click.argument("etude", type=DOSSIER)
def verifier(etude: Path) -> None:
    """Contrôle tout le dossier d'ETUDE et liste toutes les fautes."""
    from chaine import verifier as controler

    ouverte, fautes = controler(etude)
    if ouverte is not None:
        for supposition in ouverte.inventaire.suppositions:
            click.echo(f"Supposé : {supposition}")
    if fautes or ouverte is None:
        _montrer_fautes(fautes)
        sys.exit(1)
    click.echo(f"Aucune faute : {len(ouverte.fiches)} entretiens, {len(ouverte.inventaire.territoires)} territoires.")


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.option("--continuer", is_flag=True, help="Écarter les entretiens fautifs et analyser les autres.")
@click.option("--travaux", type=click.IntRange(min=1), metavar="N", help="Nombre de processus (défaut : un par cœur).")
def analyser(etude: Path, continuer: bool, travaux: int | None) -> None:
    """Analyse l'ETUDE et écrit son dossier resultats/."""
    _analyser(etude, continuer, travaux)


@principal.command()
@click.argument("etude", type=DOSSIER)
def apprendre(etude: Path) -> None:
    """Apprend le codeur de l'ETUDE sur ses codages (codages.csv)."""
    from apprentissage import apprendre as lancer
    from apprentissage import raconter

    try:
        with _pannes(etude, "le codeur de l'étude n'a pas changé"), _Barres() as barres:
            bilan = lancer(etude, barres.avancer)
    except ErreurEtude as erreur:
        _montrer_fautes(list(erreur.fautes))
        sys.exit(1)
    for dite in raconter(bilan):
        click.echo(dite)


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.option("--taille", type=click.IntRange(min=2), metavar="N", required=True, help="Nombre d'entretiens (ou de phrases).")
@click.option("--unite", type=click.Choice(("entretiens", "phrases")), default="entretiens", show_default=True,
              help="Ce que l'on tire : des entretiens, codés en entier, ou des phrases.")
@click.option("--plan", type=click.Choice(("stratifie", "simple", "inegal")), default="stratifie", show_default=True,
              help="Par territoire, à chances égales, ou plus souvent là où la machine doute.")
@click.option("--codes", default="", metavar="C1.1,O04…", help="Codes que le plan inégal vise (défaut : tous).")
@click.option("--graine", type=click.IntRange(min=0), metavar="N", help="Graine du tirage (défaut : celle d'etude.toml).")
def echantillon(etude: Path, taille: int, unite: str, plan: str, codes: str, graine: int | None) -> None:
    """Tire au sort, dans l'ETUDE, l'échantillon à coder à la main (echantillon.csv)."""
    from echantillonnage import echantillonner, raconter_tirage

    vises = tuple(code.strip() for code in codes.split(",") if code.strip())
    try:
        with _pannes(etude, "aucun échantillon n'a été écrit"), _Barres() as barres:
            bilan = echantillonner(etude, taille, unite, plan, vises, graine, barres.avancer)
    except ErreurEtude as erreur:
        _montrer_fautes(list(erreur.fautes))
        sys.exit(1)
    for dite in raconter_tirage(bilan):
        click.echo(dite)


@principal.command()
@click.argument("etude", type=DOSSIER)
def estimer(etude: Path) -> None:
    """Estime les parts de chaque code d'après l'échantillon codé à la main."""
    from echantillonnage import ESTIMATIONS, estimer_etude, raconter_estimations

    try:
        with _pannes(etude, "les estimations n'ont pas changé"):
            table = estimer_etude(etude)
    except ErreurEtude as erreur:
        _montrer_fautes(list(erreur.fautes))
        sys.exit(1)
    for dite in raconter_estimations(table):
        click.echo(dite)
    click.echo(f"Estimations : {etude / ESTIMATIONS}")


@principal.command()
@click.option("--sortie", type=DOSSIER, default=Path("demonstration"), show_default=True,
              help="Dossier où copier l'étude de démonstration.")
def demo(sortie: Path) -> None:
    """Copie l'étude de démonstration (fictive), l'analyse et dit où regarder."""
    from corpus.references import DEMONSTRATION

    if sortie.exists() and not (sortie / "etude.toml").exists() and (sortie.is_file() or any(sortie.iterdir())):
        _montrer_fautes([Faute(str(sortie), 0, "ce dossier existe et n'est pas une étude",
                               "choisissez un autre dossier avec --sortie")])
        sys.exit(1)
    if not (sortie / "etude.toml").exists():
        # À côté puis renommé : une copie interrompue ne passe pas pour l'étude.
        provisoire = sortie.with_name(f".{sortie.name}.{os.getpid()}")
        shutil.copytree(DEMONSTRATION, provisoire)
        if sortie.exists():
            sortie.rmdir()
        provisoire.rename(sortie)
        click.echo(f"Étude de démonstration copiée dans {sortie}/")
    click.echo("Textes, personnes, territoires et codages de la démonstration sont fictifs, écrits pour le projet.")
    _analyser(sortie, False, None)


def _analyser(etude: Path, continuer: bool, travaux: int | None) -> None:
    from chaine import analyser as lancer

    try:
        with _pannes(etude, "l'analyse reprendra où elle en était"), _Barres() as barres:
            bilan = lancer(etude, continuer, travaux, barres.avancer)
    except ErreurEtude as erreur:
        _montrer_fautes(list(erreur.fautes))
        generales = [faute for faute in erreur.fautes if not faute.entretien]
        if continuer and generales:
            click.echo(f"--continuer n'écarte que des entretiens ; à corriger d'abord, car elles touchent toute l'étude "
                       f"({len(generales)}) :", err=True)
            for faute in generales:
                click.echo(f"  {faute}", err=True)
        elif not generales and not continuer:
            click.echo("Pour écarter les entretiens fautifs et analyser les autres : --continuer", err=True)
        sys.exit(1)
    _montrer_bilan(bilan)


@contextmanager
def _pannes(etude: Path, suite: str) -> Iterator[None]:
    """Dit en français une panne du disque, d'un processus, ou une interruption, et ce qu'il en reste."""
    try:
        yield
    except OSError as erreur:
        lieu = str(erreur.filename or etude)
        _montrer_fautes([Faute(lieu, 0, f"lecture ou écriture impossible ({_RAISONS.get(erreur.errno or 0, erreur.strerror)})",
                               "vérifiez les droits et la place du disque, fermez le fichier s'il est ouvert ailleurs, "
                               f"puis relancez : {suite}")])
        sys.exit(1)
    except BrokenExecutor:
        _montrer_fautes([Faute(str(etude), 0, "un processus d'analyse s'est arrêté net (mémoire insuffisante ?)",
                               "relancez avec moins de processus : --travaux 1")])
        sys.exit(1)
    except KeyboardInterrupt:
        click.echo(f"\nInterrompu. Relancez la même commande : {suite}.", err=True)
        sys.exit(130)


def _montrer_fautes(fautes: list[Faute]) -> None:
    pluriel = "s" if len(fautes) > 1 else ""
    click.echo(f"{len(fautes)} faute{pluriel} :", err=True)
    for faute in fautes:
        click.echo(f"  {faute}", err=True)


def _montrer_bilan(bilan: Bilan) -> None:
    execution = bilan.execution
    if not bilan.refait:
        click.echo("Rien n'a changé depuis la dernière analyse : rien à refaire.")
    for avertissement in execution["avertissements"]:
        click.echo(f"Attention : {avertissement}")
    supposees = execution["suppositions"]
    for supposition in supposees.get("", []):
        click.echo(f"Supposé : {supposition}")
    par_entretien = [(entretien, phrase) for entretien, phrases in supposees.items() if entretien
                     for phrase in phrases]
    for entretien, phrase in par_entretien[:10]:
        click.echo(f"Supposé pour {entretien} : {phrase}")
    if len(par_entretien) > 10:
        click.echo(f"… et {len(par_entretien) - 10} autres suppositions : onglet « À propos » du rapport.")
    if execution["ecartes"]:
        click.echo(f"Entretiens écartés : {', '.join(execution['ecartes'])}")
        for faute in execution["fautes"]:
            click.echo(f"  {Faute(**faute)}")
    effectifs = execution["effectifs"]
    click.echo(f"{effectifs['entretiens']} entretiens, {effectifs['mots']} mots, {effectifs['mentions']} mentions, "
               f"{effectifs['themes']} thèmes.")
    click.echo(f"Rapport : {bilan.resultats / 'rapport.html'}")
    click.echo(f"Tableaux : {bilan.resultats / 'tableaux.xlsx'}")


class _Barres:
    """Une barre de progression par étape, sur la sortie d'erreur ; une ligne par étape hors d'un terminal."""

    def __init__(self) -> None:
        self._barre: tqdm | None = None
        self._etape = ""

    def __enter__(self) -> _Barres:
        return self

    def __exit__(self, *_: object) -> None:
        if self._barre is not None:
            self._barre.close()

    def avancer(self, etape: str, fait: int, total: int) -> None:
        if etape != self._etape:
            self.__exit__()
            self._barre = tqdm(disable=not sys.stderr.isatty(), total=total, desc=etape, unit="", file=sys.stderr,
                               bar_format="{desc:<28} {bar:30} {n_fmt}/{total_fmt} [{elapsed}]")
            self._etape = etape
            if self._barre.disable:
                click.echo(f"{etape} : {total}", err=True)
        if self._barre is not None:
            self._barre.update(fait - self._barre.n)


if __name__ == "__main__":
    principal()
