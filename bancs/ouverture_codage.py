"""Ouvrir un entretien de 20 000 mots qui porte 1 500 codages : `python -m bancs.ouverture_codage`.

Dans Chromium, du clic à l'affichage (texte, jetons, premier surlignage), puis l'intervalle entre images pendant un
défilement de bout en bout : au-delà de 50 ms, on le sent. Écrit `bancs/resultats/ouverture_codage.md`.
"""

from __future__ import annotations

import random
import shutil
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import pandas as pd
import uvicorn
from playwright.sync_api import sync_playwright
from sqlalchemy import insert, select

from codage.appli import Mode, construire
from codage.base import Base
from codage.chargement import Chargees, charger
from codage.tables import codage, code
from corpus.etude import Etude
from corpus.references import DEMONSTRATION
from extraction.grille import Grille

MOTS, CODAGES, ESSAIS = 20_000, 1_500, 5
RESULTATS = Path(__file__).parent / "resultats" / "ouverture_codage.md"
DEFILER = """async () => {
  const intervalles = []; let avant = performance.now();
  for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
    window.scrollTo(0, y);
    await new Promise(requestAnimationFrame);
    const maintenant = performance.now(); intervalles.push(maintenant - avant); avant = maintenant;
  }
  return intervalles;
}"""


def long_entretien() -> Chargees:
    """Les entretiens de la démonstration bout à bout, jusqu'à vingt mille mots, en un seul."""
    etude = Etude.ouvrir(DEMONSTRATION)
    texte, mots = "", 0
    tours: list[dict[str, object]] = []
    phrases: list[dict[str, object]] = []
    for fiche in etude.fiches:
        if mots >= MOTS:
            break
        lu = etude.lire(fiche)
        decalage, rang = len(texte), len(tours)
        tours += [
            {**t, "tour": t["tour"] + rang, "debut": t["debut"] + decalage, "fin": t["fin"] + decalage}
            for t in lu.tours.to_dict("records")
        ]
        phrases += [
            {**p, "debut": p["debut"] + decalage, "fin": p["fin"] + decalage, "phrase": p["phrase"] and f"p{len(phrases):05d}"}
            for p in lu.phrases.to_dict("records")
        ]
        texte += lu.document.texte + "\n"
        mots += len(lu.document.texte.split())
    un = {"entretien": "LONG"}
    return Chargees(
        pd.DataFrame([{**un, "fichier": "", "territoire": "T", "fonction": "", "categorie": "", "date": "", "mots": mots}]),
        pd.DataFrame(tours).assign(**un),
        pd.DataFrame(phrases).assign(**un),
        {"LONG": texte},
        pd.DataFrame(columns=["entretien"]),
    )


def principal() -> None:
    """Mesure et écrit le résultat."""
    etude = long_entretien()
    with tempfile.TemporaryDirectory() as lieu, sync_playwright() as pw:
        base = Base.ouvrir(Path(lieu))
        charger(base, etude, Grille.charger(), "ana")
        hasard = random.Random(0)
        enquetes = etude.phrases[etude.phrases["role"] == "enquete"]
        with base.ecrire() as connexion:
            codes = list(connexion.scalars(select(code.c.id)))
            places = [enquetes.iloc[hasard.randrange(len(enquetes))] for _ in range(CODAGES)]
            connexion.execute(
                insert(codage),
                [
                    {
                        "id": f"c{rang}",
                        "entretien": "LONG",
                        "debut": int(p["debut"]),
                        "fin": int(p["fin"]),
                        "code": hasard.choice(codes),
                        "modalite": hasard.choice(("presente", "absente", "hypothetique")),
                        "personne": "ana",
                        "proposition": None,
                    }
                    for rang, p in enumerate(places)
                ],
            )
        with socket.socket() as prise:
            prise.bind(("127.0.0.1", 0))
            port = prise.getsockname()[1]
        serveur = uvicorn.Server(
            uvicorn.Config(construire(base, Mode("banc", responsable="ana", jeton="jeton-du-banc")), port=port, log_level="error")
        )
        fil = threading.Thread(target=serveur.run)
        fil.start()
        while not serveur.started:
            time.sleep(0.05)
        navigateur = pw.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = navigateur.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/?jeton=jeton-du-banc")
        durees, intervalles = [], []
        for _ in range(ESSAIS):
            page.goto(f"http://127.0.0.1:{port}/#/")
            page.get_by_role("link", name="LONG").wait_for()
            durees.append(
                page.evaluate("""async () => {
              const depart = performance.now();
              location.hash = '#/entretien/LONG';
              while (document.querySelectorAll('.jeton').length < 1500 || !document.querySelector('.r6o-annotation'))
                await new Promise(requestAnimationFrame);
              return performance.now() - depart;
            }""")
            )
            intervalles += page.evaluate(DEFILER)
        navigateur.close()
        serveur.should_exit = True
        fil.join()
        base.fermer()
    lents = sum(i > 50 for i in intervalles) / len(intervalles)
    texte = (
        f"{int(etude.entretiens['mots'].iloc[0])} mots, {CODAGES} codages, {ESSAIS} ouvertures ; "
        "`python -m bancs.ouverture_codage`.\n\n"
        f"Du clic à l'affichage : médiane {statistics.median(durees):.0f} ms (de {min(durees):.0f} à {max(durees):.0f}). "
        f"Défilement : médiane {statistics.median(intervalles):.0f} ms entre deux images, {100 * lents:.1f} % au-delà de 50 ms.\n"
    )
    RESULTATS.write_text(texte, encoding="utf-8")
    print(texte)


if __name__ == "__main__":
    principal()
