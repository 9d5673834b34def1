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
    questionnaire = ouverte.questionnaire()
    if questionnaire is not None:
        for supposition in questionnaire.suppositions:
            click.echo(f"Supposé : {supposition}")
        sur = f" sur {len(questionnaire.base)}" if questionnaire.complete else ""
        click.echo(f"Questionnaire : {len(questionnaire.reponses)} répondantes{sur}, {len(questionnaire.variables)} questions.")


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
    from coder import synchroniser

    with _refus(), _pannes(etude, "le codeur de l'étude n'a pas changé"), _Barres() as barres:
        synchroniser(etude)
        bilan = lancer(etude, barres.avancer)
    for dite in raconter(bilan):
        click.echo(dite)


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port (défaut : un port libre).")
@click.option("--hote", default="", metavar="ADRESSE",
              help="Servir une équipe : adresse où écouter ; les comptes sont alors obligatoires.")
@click.option("--nom", "noms", multiple=True, metavar="NOM", help="Avec --hote : un nom sous lequel on y vient (répétable).")
@click.option("--https", is_flag=True, help="Avec --hote : on y vient par une liaison chiffrée, que tient un relais.")
@click.option("--relais", default="127.0.0.1", metavar="ADRESSE,…",
              help="Avec --hote : adresses des relais, que l'on croit sur celle de qui se connecte (défaut : cette machine).")
@click.option("--sans-navigateur", is_flag=True, help="Ne pas ouvrir le navigateur.")
@click.option("--racine", default="", hidden=True)
@click.option("--jeton", default="", envvar="MONOGRAPHIES_JETON", hidden=True)
def coder(etude: Path, port: int, hote: str, noms: tuple[str, ...], https: bool, relais: str, sans_navigateur: bool, racine: str,
          jeton: str) -> None:
    """Ouvre l'application de codage de l'ETUDE, sur cette machine."""
    from coder import servir

    with _refus(), _pannes(etude, "tout ce qui est codé est enregistré"):
        try:
            servir(etude, port, hote, noms, https, not sans_navigateur, click.echo, racine, jeton, relais)
        except KeyboardInterrupt:
            pass  # Ctrl+C est la façon de la fermer
    click.echo(f"Fermée ; tout est enregistré. Pour porter ce codage au rapport : « monographies analyser {etude} ».")


@principal.command("mot-de-passe")
@click.argument("etude", type=DOSSIER)
@click.argument("compte")
@click.password_option("--mot", prompt="Mot de passe ", confirmation_prompt="Encore une fois ", hidden=True)
def mot_de_passe(etude: Path, compte: str, mot: str) -> None:
    """Donne un mot de passe à un COMPTE de l'application de codage."""
    from coder import donner_mot_de_passe

    with _refus():
        donner_mot_de_passe(etude, compte, mot)
    click.echo(f"Mot de passe de {compte} changé.")


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.argument("fichier", type=DOSSIER)
def sauvegarder(etude: Path, fichier: Path) -> None:
    """Copie la base de codage de l'ETUDE, intègre, dans un FICHIER."""
    from coder import sauvegarder as lancer

    with _refus(), _pannes(etude, "la base n'a pas changé"):
        click.echo(f"{lancer(etude, fichier)} actes sauvegardés dans {fichier}.")


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.argument("fichier", type=DOSSIER)
def restaurer(etude: Path, fichier: Path) -> None:
    """Remet dans l'ETUDE une base de codage sauvegardée dans un FICHIER."""
    from coder import restaurer as lancer

    with _refus(), _pannes(etude, "la base n'a pas changé"):
        click.echo(f"{lancer(etude, fichier)} actes restaurés.")


@principal.command()
@click.argument("etude", type=DOSSIER)
def evaluer(etude: Path) -> None:
    """Mesure l'accord des codeurs de l'ETUDE entre eux et avec la machine ; écrit resultats/accord.csv."""
    from coder import evaluer as lancer

    with _refus(), _pannes(etude, "rien n'a été écrit"):
        for dite in lancer(etude):
            click.echo(dite)


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.argument("format", type=click.Choice(["qdpx", "qdc", "iramuteq", "txm", "quanteda"], case_sensitive=False))
@click.option("--sortie", type=DOSSIER, metavar="CHEMIN",
              help="Fichier à écrire (txm : dossier) ; par défaut, dans le dossier courant.")
@click.option("--enquetes", is_flag=True, help="iramuteq, txm, quanteda : les propos des enquêtés seulement.")
def exporter(etude: Path, format: str, sortie: Path | None, enquetes: bool) -> None:
    """Exporte l'ETUDE : QDPX (NVivo, ATLAS.ti, MAXQDA, QualCoder), grille QDC, IRaMuTeQ, TXM, quanteda."""
    from coder import synchroniser
    from echanges import exporter as lancer

    with _refus(), _pannes(etude, "rien n'a été écrit à moitié"):
        synchroniser(etude)
        bilan = lancer(etude, format.lower(), sortie, enquetes)
    for dite in bilan.phrases:
        click.echo(dite)
    click.echo(f"Écrit : {bilan.chemin}")


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.argument("fichier", type=DOSSIER)
def importer(etude: Path, fichier: Path) -> None:
    """Importe dans l'ETUDE, neuve ou existante, un FICHIER .qdpx, .qdc, ou le .csv de Taguette."""
    from echanges import importer as lancer

    with _refus(), _pannes(etude, "rien n'est écrasé"):
        bilan = lancer(etude, fichier)
    for remarque in bilan.remarques:
        click.echo(f"Attention : {remarque}")
    click.echo(f"{bilan.entretiens} entretiens ajoutés, {bilan.connus} déjà là, {bilan.codages} lignes de codage, "
               f"{bilan.memos} mémos.")
    if bilan.codages:
        click.echo("Qui a codé un entretien est tenu pour l'avoir lu en entier ; pour dire le contraire, écrivez decisions.csv.")
    click.echo(f"Écrit dans {bilan.dossier} : {', '.join(bilan.ecrits[-8:]) or 'rien de nouveau'}")


@principal.command()
@click.argument("etude", type=DOSSIER)
def pseudonymiser(etude: Path) -> None:
    """Propose les pseudonymes de l'ETUDE, à relire."""
    from pseudonymisation import proposer_pseudonymes

    with _refus(), _pannes(etude, "rien n'a été changé"):
        chemin, propositions = proposer_pseudonymes(etude)
    click.echo(f"{propositions} formes à relire : {chemin}")
    click.echo("Corrigez les remplacements, retirez ce qui n'identifie personne (ou répétez la forme pour la garder en "
               f"clair), puis enregistrez le tableau sous {etude / 'pseudonymes.csv'} et relancez l'analyse.")


@principal.command()
@click.argument("etude", type=DOSSIER)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port (défaut : un port libre).")
@click.option("--sans-navigateur", is_flag=True, help="Ne pas ouvrir le navigateur.")
def labo(etude: Path, port: int, sans_navigateur: bool) -> None:
    """Ouvre JupyterLab sur l'ETUDE et des carnets prêts, sur cette machine."""
    from labo import servir

    with _refus(), _pannes(etude, "vos carnets n'ont pas changé"):
        servir(etude, port, not sans_navigateur, click.echo)


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
    from evaluation.estimation import TIREES_MINIMUM

    vises = tuple(code.strip() for code in codes.split(",") if code.strip())
    with _refus(), _pannes(etude, "aucun échantillon n'a été écrit"), _Barres() as barres:
        bilan = echantillonner(etude, taille, unite, plan, vises, graine, barres.avancer)
    for dite in raconter_tirage(bilan):
        click.echo(dite)
    if taille < TIREES_MINIMUM:
        click.echo(f"Attention : sous {TIREES_MINIMUM} {unite}, aucune part ne pourra être corrigée.", err=True)


@principal.command()
@click.argument("etude", type=DOSSIER)
def estimer(etude: Path) -> None:
    """Estime les parts de chaque code d'après l'échantillon codé à la main."""
    from echantillonnage import estimer_etude, raconter_estimations
    from estimations_etude import ESTIMATIONS

    with _refus(), _pannes(etude, "les estimations n'ont pas changé"):
        _reprendre_la_base(etude)
        table = estimer_etude(etude)
    for dite in raconter_estimations(table):
        click.echo(dite)
    click.echo(f"Estimations : {etude / ESTIMATIONS}")
    click.echo("Pour les porter au rapport et aux documents : « monographies analyser ».")


@principal.command()
@click.option("--sortie", type=DOSSIER, metavar="DOSSIER", default=Path("demonstration"), show_default=True,
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
            _reprendre_la_base(etude)
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


def _reprendre_la_base(etude: Path) -> None:
    """Met `codages.csv` et `decisions.csv` au jour de la base de codage, si l'étude en a une, même ouverte ailleurs."""
    from codage.base import FICHIER
    from corpus.reglages import lire_reglages

    try:
        if not ((etude / FICHIER).is_file() or lire_reglages(etude)[0].base):
            return
    except ErreurEtude:
        return  # l'analyse le dira
    from coder import synchroniser

    try:
        synchroniser(etude)
    except ErreurEtude as erreur:
        click.echo(f"Attention : base de codage non reprise ({erreur.fautes[0]}). L'analyse lit codages.csv tel qu'il est.",
                   err=True)


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


@contextmanager
def _refus() -> Iterator[None]:
    """Montre toutes les fautes et arrête."""
    try:
        yield
    except ErreurEtude as erreur:
        _montrer_fautes(list(erreur.fautes))
        sys.exit(1)


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
    if absent := execution.get("echantillon", {}).get("absent"):
        click.echo(f"Pas de parts estimées : {absent}. Détail et remèdes : « monographies estimer ».")
    effectifs = execution["effectifs"]
    click.echo(f"{effectifs['entretiens']} entretiens, {effectifs['mots']} mots, {effectifs['mentions']} mentions, "
               f"{effectifs['themes']} thèmes.")
    click.echo(f"Rapport : {bilan.resultats / 'rapport.html'}")
    click.echo(f"Tableaux : {bilan.resultats / 'tableaux.xlsx'} (et .ods)")
    click.echo(f"Documents : {bilan.resultats / 'monographies'}, {bilan.resultats / 'synthese.docx'} (et .odt)")


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
