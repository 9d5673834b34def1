"""Fabriquer les gabarits livrés : monographie et synthèse, en .docx, puis convertis en .odt par LibreOffice.

    python -m bancs.fabriquer_gabarits [--sortie restitution/gabarits]

Demande `soffice`. Les gabarits sont des documents ordinaires : on peut aussi les retoucher dans Word ou LibreOffice.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

from bancs.gabarit_word import DATE, Gabarit
from restitution.archives import figer
from restitution.documents import LIVRES
from restitution.opendocument import description


def _groupes(gabarit: Gabarit, ou: str) -> None:
    """Les codes genre par genre : tableau, puis codes en tête et verbatims."""
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.titre("{{ groupe.intitule }}", 1)
    _figure(gabarit, "groupe.figure")
    gabarit.texte("Nombre d’entretiens qui l’affirment, le nient ou ne font que le souhaiter ou le craindre, sur "
                  "{{ profil.entretiens }} menés. Un même entretien peut faire les deux.", "Note")
    gabarit.tableau(
        ("Code", "Intitulé", "Présent", "Absent", "Hypothétique", "Catégories", "Ce qu’on peut en dire"),
        "constat in groupe.constats",
        ("{{ constat.code }}", "{{ constat.intitule }}", "{{ constat.presente }}", "{{ constat.absente }}",
         "{{ constat.hypothetique }}", "{{ constat.positions | length }}", "{{ constat.avis_en_clair }}"),
        (1.2, 4.9, 1.6, 1.5, 2.2, 2, 3.4), (2, 3, 4, 5))
    gabarit.texte("{%p for constat, verbatims in groupe.developpes %}")
    gabarit.titre("{{ constat.intitule }} ({{ constat.code }})", 2)
    gabarit.texte(f"**{{{{ constat.avis_en_clair | capitalize }}}}** {ou}. Sur {{{{ constat.sur | compte(\"entretien\") }}}}, "
                  "{{ constat.presente }} le disent présent, {{ constat.absente }} absent, {{ constat.hypothetique }} "
                  "hypothétique ; "
                  "{{ constat.positions | length | compte(\"catégorie\") }} d’acteurs en parlent.")
    gabarit.texte("{%p for verbatim in verbatims %}")
    gabarit.texte("« {{ verbatim.texte }} »", "Citation parlée")
    gabarit.texte("{{ verbatim.source }}", "Source")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p endfor %}")


def _figure(gabarit: Gabarit, nom: str) -> None:
    gabarit.texte(f"{{%p if {nom} %}}")
    gabarit.texte(f"{{{{ {nom} }}}}", "Figure")
    gabarit.texte("{%p endif %}")


def _points_de_vue(gabarit: Gabarit) -> None:
    gabarit.titre("Points de vue", 1)
    gabarit.texte("{%p for tableau in regards %}")
    _tableau_titre(gabarit, 2)
    gabarit.texte("{%p else %}")
    gabarit.texte("Aucun code n’est évoqué, ou les regards n’ont pas été croisés.")
    gabarit.texte("{%p endfor %}")
    qui = "{% for p in constat.penchent(\"SENS\") %}{{ p.categorie }} ({{ p.NOMBRE }}/{{ p.menes }})" \
          "{% if not loop.last %}, {% endif %}{% endfor %}"
    presents, absents = qui.replace("SENS", "present").replace("NOMBRE", "presente"), qui.replace("SENS", "absent").replace(
        "NOMBRE", "absente")
    gabarit.titre("Convergences", 2)
    gabarit.texte("Une catégorie penche vers « présent » quand plus de ses entretiens l’affirment que le nient. Elle ne compte "
                  "parfois qu’un ou deux entretiens : c’est alors une personne qui parle.", "Note")
    gabarit.texte("{%p if convergences %}")
    gabarit.tableau(("Code", "Sens", "Catégories d’accord (entretiens qui l’affirment / menés)"), "constat in convergences",
                    ("{{ constat.code }} {{ constat.intitule }}",
                     "{% if constat.penchent(\"present\") %}présent{% else %}absent{% endif %}", presents + absents),
                    (4.8, 1.8, 10.2))
    gabarit.texte("{%p else %}")
    gabarit.texte("Aucun code n’est affirmé dans le même sens par trois catégories.")
    gabarit.texte("{%p endif %}")
    gabarit.titre("Divergences", 2)
    gabarit.texte("{%p if divergences %}")
    gabarit.tableau(("Code", "Présent, disent", "Absent, disent"), "constat in divergences",
                    ("{{ constat.code }} {{ constat.intitule }}", presents, absents), (4.8, 6, 6))
    gabarit.texte("{%p else %}")
    gabarit.texte("Aucun code n’est dit présent par les uns et absent par les autres.")
    gabarit.texte("{%p endif %}")
    gabarit.titre("Voix isolées", 2)
    gabarit.texte("{%p if isolees %}")
    gabarit.texte("Un seul entretien, ou une seule catégorie d’acteurs, en parle : {% for constat in isolees %}"
                  "{{ constat.intitule }} ({{ constat.code }}{% for p in constat.positions %}, {{ p.categorie }}{% endfor %}, "
                  "{{ constat.entretiens | compte(\"entretien\") }}){% if not loop.last %} ; {% endif %}{% endfor %}.")
    gabarit.texte("{%p else %}")
    gabarit.texte("Aucun code n’est porté par un seul entretien ou une seule catégorie.")
    gabarit.texte("{%p endif %}")


def _essentiel(gabarit: Gabarit) -> None:
    gabarit.titre("L’essentiel", 1)
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.titre("{{ groupe.intitule }}", 2)
    gabarit.texte("{%p for avis, codes in groupe.avis %}")
    gabarit.puce("**{{ avis | capitalize }} ({{ codes | length }})** : {% for constat in codes %}{{ constat.intitule }}"
                 "{% if constat.nettete %} ({{ constat.nettete }}){% endif %}{% if not loop.last %} ; {% endif %}{% endfor %}.")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("Entre parenthèses, le nombre d’entretiens qui l’affirment, sur {{ profil.entretiens }}.", "Note")


def _fin(gabarit: Gabarit) -> None:
    """Thèmes, compléments, limites, provenance."""
    gabarit.titre("Thèmes", 1)
    gabarit.texte("Regroupements de propos faits sans la grille. Un thème « instable » ne se retrouve pas quand on écarte un "
                  "cinquième des propos : n’en tirez aucune conclusion.", "Note")
    _figure(gabarit, "figure_themes")
    gabarit.tableau(
        ("Thème", "Part des phrases", "Stabilité", "Code le plus porté", "Part codée"), "theme in themes",
        ("{{ theme.libelle }}", "{{ theme.part }}", "{{ theme.stabilite }}", "{{ theme.code }}", "{{ theme.part_codee }}"),
        (6.1, 2, 2.4, 4.3, 2), (1, 4))
    gabarit.texte("{%p for tableau in complements %}")
    _tableau_titre(gabarit, 1)
    gabarit.texte("{%p endfor %}")
    gabarit.titre("Limites", 1)
    gabarit.texte("{%p for limite in limites %}")
    gabarit.puce("{{ limite }}")
    gabarit.texte("{%p endfor %}")
    gabarit.titre("Provenance", 1)
    gabarit.tableau(("Rubrique", "Valeur"), "nom, valeur in provenance", ("**{{ nom }}**", "{{ valeur }}"), (4.8, 12))


def _tableau_titre(gabarit: Gabarit, niveau: int) -> None:
    gabarit.titre("{{ tableau.titre }}", niveau)
    gabarit.texte("{{ tableau.note }}", "Note")
    gabarit.texte("{%p if tableau.lignes %}")
    gabarit.tableau_libre()
    gabarit.texte("{%p endif %}")


def monographie() -> Gabarit:
    gabarit = Gabarit("{{ territoire.nom }}", "{{ territoire.nom }}, monographie — {{ etude }}")
    gabarit.texte("Monographie — {{ etude }}", "Chapeau")
    gabarit.titre("Le territoire et l’enquête", 1)
    gabarit.fiche((("Échelle", "{{ territoire.echelle or \"non précisée\" }}"),
                   ("Porteur", "{{ territoire.porteur or \"non précisé\" }}"),
                   ("Année d’entrée", "{{ territoire.annee or \"non précisée\" }}"),
                   ("Entretiens", "{{ profil.entretiens }}, menés {{ profil.dates }}"), ("Mots", "{{ profil.mots }}")))
    gabarit.tableau(("Catégorie d’acteurs", "Entretiens", "Mots"), "categorie in profil.categories",
                    ("{{ categorie.nom }}", "{{ categorie.entretiens }}", "{{ categorie.mots }}"), (8.8, 4, 4), (1, 2))
    _essentiel(gabarit)
    _groupes(gabarit, "sur ce territoire")
    _points_de_vue(gabarit)
    _fin(gabarit)
    return gabarit


def synthese() -> Gabarit:
    gabarit = Gabarit("Synthèse nationale", "Synthèse nationale — {{ etude }}")
    gabarit.texte("{{ etude }}", "Chapeau")
    gabarit.titre("L’enquête", 1)
    gabarit.texte("{{ territoires | length | compte(\"territoire\") }}, {{ profil.entretiens | compte(\"entretien\") }} menés "
                  "{{ profil.dates }}, {{ profil.mots }} mots.")
    gabarit.tableau(("Territoire", "Échelle", "Porteur", "Année", "Entretiens", "Mots"), "t in territoires",
                    ("{{ t.nom }}", "{{ t.echelle }}", "{{ t.porteur }}", "{{ t.annee }}", "{{ t.entretiens }}", "{{ t.mots }}"),
                    (5.2, 2.8, 3.2, 1.6, 2, 2), (3, 4, 5))
    gabarit.tableau(("Catégorie d’acteurs", "Entretiens", "Mots"), "categorie in profil.categories",
                    ("{{ categorie.nom }}", "{{ categorie.entretiens }}", "{{ categorie.mots }}"), (8.8, 4, 4), (1, 2))
    gabarit.titre("Ce qui ressort partout", 1)
    gabarit.texte("Un code ressort quand l’ensemble des acteurs en parle : assez d’entretiens affirment la même chose, "
                  "la moitié des catégories d’acteurs au moins l’appuient, dont une hors pilotage, et la moitié des "
                  "territoires.", "Note")
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.puce("**{{ groupe.intitule }}** : {% for constat in retenus[groupe.identifiant] %}{{ constat.intitule }} "
                 "({{ constat.avis_en_clair }}, {{ constat.entretiens | compte(\"entretien\") }})"
                 "{% if not loop.last %} ; {% endif %}{% else %}aucun{% endfor %}.")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.titre("{{ groupe.intitule }} : où, et selon combien d’acteurs", 2)
    gabarit.tableau(
        ("Code", "Intitulé", "Entretiens", "Territoires : présent", "Absent", "Partagé", "Catégories", "Ressort"),
        "bilan in bilans[groupe.identifiant]",
        ("{{ bilan.constat.code }}", "{{ bilan.constat.intitule }}", "{{ bilan.constat.presente }}",
         "{{ bilan.presents | length }}",
         "{{ bilan.absents | length }}", "{{ bilan.partages | length }}", "{{ bilan.categories }}",
         "{% if bilan.retenu %}**oui**{% else %}non{% endif %}"),
        (1.2, 4.7, 2, 2, 1.6, 1.7, 2, 1.6), (2, 3, 4, 5, 6, 7))
    gabarit.texte("{%p endfor %}")
    gabarit.titre("Territoires et codes", 1)
    gabarit.texte("{%p for tableau in matrices %}")
    _tableau_titre(gabarit, 2)
    gabarit.texte("{%p endfor %}")
    _groupes(gabarit, "dans l’ensemble de l’étude")
    gabarit.titre("Comparaisons", 1)
    gabarit.texte("{%p for tableau in comparaisons %}")
    _tableau_titre(gabarit, 2)
    gabarit.texte("{%p else %}")
    gabarit.texte("Tous les territoires ont même échelle, même porteur, même année, ou on ne les connaît pas.")
    gabarit.texte("{%p endfor %}")
    _points_de_vue(gabarit)
    _fin(gabarit)
    return gabarit


def _sans_hasard(nom: str, octets: bytes) -> bytes:
    """Une pièce de LibreOffice sans l'heure de la conversion ni les identifiants qu'il tire au sort."""
    if nom == "meta.xml":
        return description("Gabarit", DATE)
    return re.sub(rb' xml:id="[^"]*"|<config:config-item config:name="Rsid[^>]*>[^<]*</config:config-item>', b"", octets) \
        if nom in ("content.xml", "settings.xml") else octets


def principal() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--sortie", type=Path, default=LIVRES)
    sortie: Path = analyseur.parse_args().sortie
    for nom, gabarit in (("monographie", monographie()), ("synthese", synthese())):
        chemin = sortie / f"{nom}.docx"
        gabarit.ecrire(chemin)
        with tempfile.TemporaryDirectory() as profil:
            subprocess.run(["soffice", f"-env:UserInstallation=file://{profil}", "--headless", "--convert-to", "odt",
                            "--outdir", str(sortie), str(chemin)], check=True, capture_output=True)
        odt = chemin.with_suffix(".odt")
        odt.write_bytes(figer(odt.read_bytes(), DATE, _sans_hasard))


if __name__ == "__main__":
    principal()
