"""Le site de documentation : il se construit sans avertissement, ne demande rien au réseau, et ses parcours se rejouent."""

from __future__ import annotations

import os
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, Request, sync_playwright

from corpus.references import DEMONSTRATION
from monographies import principal

RACINE = Path(__file__).parent.parent
DOCS = RACINE / "docs"
PARCOURS = ("index", "evaluateurs", "chercheurs", "anct")
BLOC = re.compile(r"^```(sh|python)\n(.*?)^```", re.M | re.S)
GRAS = re.compile(r"\*\*([^*]+)\*\*")
ANNONCES = {
    "monographies demo\n": ("demonstration/resultats/rapport.html", "tableaux.xlsx", "monographies", "synthese.docx"),
    "monographies analyser demonstration\n": ("Rien n'a changé", "rien à refaire"),
    "monographies evaluer demonstration\n": ("κ A, B : ", "κ A, machine:", "demonstration/resultats/accord.csv"),
    "monographies estimer demonstration\n": ("Estimations : demonstration/",),
    "monographies verifier mon_etude\n": ("Supposé : ", "Aucune faute : "),
    "monographies exporter demonstration quanteda": ("Écrit : demonstration.csv", "Écrit : corpus.txt", "Écrit : txm"),
}
"""Ce que les pages annoncent à l'écran, d'après le début d'une commande de l'extrait."""
TERRITOIRES = {"T03": 4, "T07": 3}
"""Les entretiens de la petite étude : T03 et T07 ont deux codeurs."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Le site, construit en mode strict : un avertissement est une erreur."""
    sortie = tmp_path_factory.mktemp("site")
    fait = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(sortie)], cwd=RACINE,
                          capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    assert fait.returncode == 0, fait.stderr[-3000:]
    return sortie


class Charges(HTMLParser):
    """Ce qu'une page charge d'elle-même : scripts, feuilles de style, images, cadres ; les liens que l'on suit n'en sont pas."""

    def __init__(self) -> None:
        super().__init__()
        self.adresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        champs = dict(attrs)
        if tag == "link" and champs.get("rel") not in ("canonical", "next", "prev", "alternate"):
            self.adresses.append(champs.get("href") or "")
        self.adresses += [champs[nom] or "" for nom in ("src", "srcset", "data", "poster") if nom in champs and tag != "a"]
        self.adresses += re.findall(r"url\(([^)]+)\)", champs.get("style") or "")


def est_exterieure(adresse: str) -> bool:
    return re.match(r"['\"\s]*(https?:)?//", adresse) is not None


def test_rien_ne_vient_du_reseau(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 100
    for page in pages:
        charges = Charges()
        charges.feed(page.read_text(encoding="utf-8"))
        assert charges.adresses and not [a for a in charges.adresses if est_exterieure(a)], page
    for feuille in site.rglob("*.css"):
        texte = feuille.read_text(encoding="utf-8")
        charges_css = re.findall(r"(?:url\(|@import\s+)([^);]+)", texte)
        assert not [a for a in charges_css if est_exterieure(a)], feuille


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    binaire = os.environ.get("MONOGRAPHIES_CHROMIUM") or shutil.which("chromium")
    assert binaire, "Chromium manque : « apt install chromium », ou donnez son chemin dans MONOGRAPHIES_CHROMIUM"
    with sync_playwright() as playwright:
        navigateur = playwright.chromium.launch(executable_path=binaire, args=["--no-sandbox", "--disable-gpu"])
        yield navigateur.new_page()
        navigateur.close()


@pytest.fixture(scope="module")
def servi(site: Path) -> Iterator[str]:
    serveur = subprocess.Popen([sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"], cwd=site,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert serveur.stdout
    port = re.findall(r"port (\d+)", serveur.stdout.readline())[0]
    yield f"http://127.0.0.1:{port}"
    serveur.terminate()
    serveur.wait()


def test_le_site_se_lit_et_se_cherche(chromium: Page, servi: str) -> None:
    """Dans un vrai navigateur : aucune demande ailleurs, rien ne déborde sur un téléphone, la recherche trouve."""
    ailleurs: list[str] = []

    def noter(demande: Request) -> None:
        if not demande.url.startswith((servi, "data:", "blob:")):
            ailleurs.append(demande.url)

    chromium.on("request", noter)
    for largeur in (1280, 400):
        chromium.set_viewport_size({"width": largeur, "height": 900})
        for page in ("index", "ailleurs", "grille", "colonnes", "commandes", "methode/codage", "reference/corpus/etude"):
            chromium.goto(f"{servi}/{page}.html")
            assert chromium.evaluate("document.documentElement.scrollWidth") <= largeur, (page, largeur)
            assert chromium.locator("html").get_attribute("lang") == "fr"
    chromium.set_viewport_size({"width": 1280, "height": 900})
    chromium.goto(f"{servi}/index.html")
    chromium.locator("input.md-search__input").fill("krippendorff")
    resultats = chromium.locator(".md-search-result__item a")
    resultats.first.wait_for(timeout=20_000)
    assert any("accord" in (lien.get_attribute("href") or "") for lien in resultats.all())
    assert ailleurs == []


def test_les_pages_suivent_le_depot(site: Path) -> None:
    """Toutes les commandes, tous les codes de la grille, toutes les colonnes, tous les modules sont dans le site."""
    from extraction.grille import Grille
    from restitution.dictionnaire import DICTIONNAIRE

    commandes = (site / "commandes.html").read_text(encoding="utf-8")
    assert all(f'id="{nom}"' in commandes for nom in principal.commands)
    grille = (site / "grille.html").read_text(encoding="utf-8")
    assert all(f">{code.code} " in grille for code in Grille.livree("cites_emploi"))
    colonnes = (site / "colonnes.html").read_text(encoding="utf-8")
    assert all(f"<code>{colonne}</code>" in colonnes for _, colonne, _ in DICTIONNAIRE)
    assert "{{" not in colonnes + grille + commandes


@pytest.fixture(scope="module")
def etude(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Un dossier où `demonstration/` est une petite part de la démonstration, pour que les parcours soient courts."""
    dossier = tmp_path_factory.mktemp("parcours")
    copie = dossier / "demonstration"
    (copie / "references").mkdir(parents=True)
    tout = pd.read_csv(DEMONSTRATION / "entretiens.csv", dtype=str, keep_default_na=False)
    gardes = pd.concat([tout[(tout["territoire"] == lieu) & tout["fichier"].str.endswith(".txt")].head(nombre)
                        for lieu, nombre in TERRITOIRES.items()])
    gardes.to_csv(copie / "entretiens.csv", index=False)
    for fichier in gardes["fichier"]:
        (copie / "entretiens" / fichier).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DEMONSTRATION / "entretiens" / fichier, copie / "entretiens" / fichier)
    for nom, table, cle in (("territoires.csv", "territoires.csv", "territoire"),
                            ("references/codages.csv", "references/codages.csv", "entretien")):
        lue = pd.read_csv(DEMONSTRATION / table, dtype=str, keep_default_na=False)
        lue[lue[cle].isin(gardes[cle])].to_csv(copie / nom, index=False)
    shutil.copy(DEMONSTRATION / "etude.toml", copie / "etude.toml")
    return dossier


def blocs(page: str) -> list[tuple[str, str]]:
    """Les extraits exécutables d'une page, dans l'ordre : langue et texte."""
    return BLOC.findall((DOCS / "debuter" / f"{page}.md").read_text(encoding="utf-8"))


def environnement(dossier: Path) -> dict[str, str]:
    """Le PATH d'un environnement activé, plus une commande `monographies` qui est celle de ce dépôt."""
    outils = dossier / "outils"
    outils.mkdir(exist_ok=True)
    commande = outils / "monographies"
    commande.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{RACINE / "monographies.py"}" "$@"\n', encoding="utf-8")
    commande.chmod(0o755)
    return os.environ | {"PATH": f"{outils}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(RACINE)}


def ouvrir(commande: str, dossier: Path) -> None:
    """Lance une application sans navigateur, ouvre l'adresse qu'elle donne, l'arrête comme le dit la page."""
    lancee = subprocess.Popen(["bash", "-c", f"exec {commande} --sans-navigateur"], cwd=dossier, env=environnement(dossier),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert lancee.stdout
    dites, adresse = [], None
    while adresse is None and (ligne := lancee.stdout.readline()):
        dites.append(ligne)
        adresse = re.search(r"http://127\.0\.0\.1:\S+", ligne)
    assert adresse, dites
    navigateur = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    essais = 0
    while True:
        try:
            page = navigateur.open(adresse[0], timeout=60).read().decode()
            break
        except (ConnectionError, urllib.error.URLError):
            essais += 1
            assert essais < 120 and lancee.poll() is None, dites
            time.sleep(0.5)
    assert "<html" in page
    lancee.send_signal(signal.SIGINT)
    try:
        lancee.wait(20)
    except subprocess.TimeoutExpired:  # JupyterLab demande confirmation : un second Ctrl+C
        lancee.send_signal(signal.SIGINT)
        lancee.wait(60)


@pytest.mark.parametrize("page", PARCOURS)
def test_parcours(page: str, etude: Path) -> None:
    """Chaque commande, chaque extrait Python de la page, dans l'ordre, sans rien y changer que la taille du tirage."""
    python: list[str] = []
    assert blocs(page)
    for langue, texte in blocs(page):
        texte = texte.replace("--taille 40", "--taille 6")  # la petite étude n'a que sept entretiens
        if langue == "python":
            python.append(texte)
        elif (applis := re.findall(r"^monographies (?:coder|labo) .*$", texte, re.M)):
            assert texte.splitlines() == applis, "une application se lance seule dans son bloc"
            ouvrir(applis[0], etude)
        else:
            fait = subprocess.run(["bash", "-euc", texte], cwd=etude, env=environnement(etude), capture_output=True, text=True)
            assert fait.returncode == 0, f"{texte}\n{fait.stdout}\n{fait.stderr[-2000:]}"
            for debut, dites in ANNONCES.items():
                if debut in texte:
                    assert not [dite for dite in dites if dite not in fait.stdout], fait.stdout
    if python:
        fait = subprocess.run([sys.executable, "-c", "\n".join(python)], cwd=etude, env=environnement(etude), capture_output=True,
                              text=True)
        assert fait.returncode == 0, fait.stderr[-2000:]


def codes_cites() -> Iterator[tuple[str, str]]:
    """Les morceaux de code des pages et du README : la page, puis une ligne d'extrait ou un mot entre accents graves."""
    for page in (RACINE / "README.md", *sorted(DOCS.rglob("*.md"))):
        texte = page.read_text(encoding="utf-8")
        extraits = re.findall(r"^```\w*\n(.*?)^```", texte, re.M | re.S)
        prose = re.sub(r"^```\w*\n.*?^```", "", texte, flags=re.M | re.S)
        for code in (*"\n".join(extraits).splitlines(), *re.findall(r"`([^`]+)`", prose)):
            yield page.name, " ".join(code.split())


def test_les_commandes_citees_existent() -> None:
    """Toute commande, toute option, tout banc, toute cible de make que nomme une page."""
    cibles = set(re.findall(r"^([a-z]+):", (RACINE / "Makefile").read_text(encoding="utf-8"), re.M))
    generales = {"--aide", *(option for un in principal.params for option in un.opts)}
    commandes = 0
    for page, code in codes_cites():
        for nom, reste in re.findall(r"(?:^|[\s/\\])monographies ([a-z][a-z-]*)([^#]*)", code):
            assert nom in principal.commands, (page, code)
            options = {option for un in principal.commands[nom].params for option in un.opts}
            assert set(re.findall(r"--[a-z-]+", reste)) <= options, (page, code)
            commandes += 1
        assert set(re.findall(r"^monographies (--[a-z-]+)", code)) <= generales, (page, code)
        for cible in re.findall(r"^(?:\$ )?make ([a-z]+)", code):
            assert cible in cibles, (page, code)
        for banc in re.findall(r"-m bancs\.(\w+)", code):
            assert (RACINE / "bancs" / f"{banc}.py").is_file(), (page, code)
    assert commandes > 30


def test_les_noms_python_cites_existent() -> None:
    """`modeles.reinert.Reinert`, `evaluation.accord.accords`… : tout nom pointé d'un paquet du projet."""
    pointe = re.compile(r"(?<![\w/.])(?:corpus|extraction|modeles|evaluation|codage|restitution)(?:\.[A-Za-z_]\w*)+")
    noms = {(page, nom) for page, code in codes_cites() for nom in pointe.findall(code)
            if not nom.endswith((".csv", ".txt", ".py", ".md", ".fr"))}
    assert len(noms) > 20
    for page, nom in sorted(noms):
        try:
            pkgutil.resolve_name(nom)
        except (ImportError, AttributeError):
            pytest.fail(f"{page} : {nom} n'existe pas")


def test_l_installation_est_la_meme_partout() -> None:
    """Les commandes de Windows sont celles du README."""
    windows = [re.findall(r"py -3 -m venv .venv|\.venv\\Scripts\\python -m pip .*", page.read_text(encoding="utf-8"))
               for page in (RACINE / "README.md", DOCS / "debuter" / "index.md")]
    assert windows[0] == windows[1] and len(windows[0]) == 3


def test_fichiers_promis(etude: Path) -> None:
    """Ce que les pages disent trouver dans `resultats/` y est, une fois les parcours faits."""
    if not (etude / "demonstration" / "resultats" / "accord.csv").exists():
        pytest.skip("demande les parcours, qui écrivent ces fichiers")
    resultats = etude / "demonstration" / "resultats"
    for nom in ("rapport.html", "tableaux.xlsx", "tableaux.ods", "synthese.docx", "synthese.odt", "monographies", "images"):
        assert (resultats / nom).exists(), nom
    assert (etude / "T03.svg").read_text(encoding="utf-8").startswith("<")
    assert (etude / "demonstration" / "carnets").is_dir()


def test_ce_que_la_page_anct_nomme_est_dans_le_rapport() -> None:
    """Les mots en gras sont ceux de l'écran : onglets, filtres, boutons."""
    gabarits = RACINE / "restitution" / "gabarits"
    ecran = "".join(chemin.read_text(encoding="utf-8") for chemin in sorted(gabarits.glob("rapport*.*"))).replace("’", "'")
    page = (DOCS / "debuter" / "anct.md").read_text(encoding="utf-8")
    nommes = re.findall(r"^- \*\*([^*]+)\*\*|(?:Ouvrez|un|une|dessin du rapport,) \*\*([^*]+)\*\*", page, re.M)
    cites = {" ".join((a or b).split()) for a, b in nommes}
    assert {"Vue nationale", "Filtres", "Territoire", "Enregistrer l'image (SVG)"} <= cites
    assert not [cite for cite in cites if cite not in ecran]


def test_ce_que_la_page_evaluateurs_nomme_est_dans_l_application() -> None:
    codage = RACINE / "codage"
    ecran = "".join(chemin.read_text(encoding="utf-8") for chemin in
                    (*sorted((codage / "gabarits").glob("*.html")), *sorted((codage / "statiques").glob("*.js"))))
    cites = {cite for cite in GRAS.findall((DOCS / "debuter" / "evaluateurs.md").read_text(encoding="utf-8"))
             if cite != "à l'aveugle"}
    assert {"Entretiens", "File d'attente", "Oui"} <= cites
    assert not [cite for cite in cites if cite not in ecran]
