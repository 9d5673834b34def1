"""L'API de codage : séances, jetons, droits, en-têtes, et ce qu'un texte piégé ne fait pas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bases import DEBUT, MILIEU, TEXTE, cle, etude
from fastapi.testclient import TestClient
from sqlalchemy import select

from codage import actes_equipe, comptes
from codage.appli import COOKIE, TAILLE_MAX, Mode, construire
from codage.base import Base
from codage.chargement import charger
from codage.droits import Acces
from codage.tables import affectation, code, personne
from extraction.grille import Grille

MOT = "correct cheval batterie agrafe"
PIEGE = "Q : Bonjour ?\nR : <script>alert(1)</script> &amp; <img src=x onerror=alert(2)>\n"


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    ouverte = Base.ouvrir(tmp_path)
    charger(ouverte, etude({"E1": TEXTE, "E2": TEXTE, "<b>E3</b>": PIEGE + " " * len(TEXTE)}), Grille.charger(), "ana")
    with ouverte.ecrire() as connexion:
        ana = Acces(connexion, "ana")
        actes_equipe.compte(ana, cle(), "bob", role="codeur")
        actes_equipe.compte(ana, cle(), "lea", role="lecteur")
        for qui in ("ana", "bob", "lea"):
            comptes.changer_mot_de_passe(connexion, qui, MOT)
    with ouverte.ecrire() as connexion:
        actes_equipe.affecter(Acces(connexion, "ana"), cle(), "E1", "bob", True, False)
    yield ouverte
    ouverte.fermer()


def client(base: Base, **mode: object) -> TestClient:
    return TestClient(construire(base, Mode("Étude", hotes=("127.0.0.1",), **mode)), base_url="http://127.0.0.1",  # type: ignore[arg-type]
                      follow_redirects=False)


def entrer(base: Base, qui: str, mot: str = MOT) -> TestClient:
    un = client(base)
    assert un.post("/api/connexion", json={"personne": qui, "mot_de_passe": mot}).status_code == 200
    un.headers["X-CSRF"] = un.get("/api/moi").json()["csrf"]
    return un


def code_id(base: Base, nom: str) -> str:
    with base.lire() as connexion:
        return str(connexion.scalar(select(code.c.id).where(code.c.code == nom)))


def poser(base: Base, entretien: str = "E1") -> dict[str, object]:
    return {"genre": "poser", "cle": cle(), "entretien": entretien, "debut": DEBUT, "fin": MILIEU, "code": code_id(base, "C1.1")}


def test_sans_seance_rien_ne_se_lit_ni_ne_s_ecrit(base: Base) -> None:
    un = client(base)
    for chemin in (
        "moi",
        "etude",
        "entretien?nom=E1",
        "desaccords?nom=E1",
        "accord",
        "file",
        "journal",
        "codages?code=x",
        "export",
    ):
        assert un.get(f"/api/{chemin}").status_code == 401, chemin
    for chemin, corps in (
        ("actes", poser(base)),
        ("deconnexion", {}),
        ("mot_de_passe", {"personne": "ana", "mot_de_passe": MOT}),
    ):
        assert un.post(f"/api/{chemin}", json=corps).status_code == 401, chemin
    assert un.get("/").status_code == 200  # la page de connexion, sans rien de l'étude
    assert "E1" not in un.get("/").text


def test_toutes_les_routes_sont_essayees_sans_seance(base: Base) -> None:
    """Une route neuve doit entrer dans l'essai ci-dessus."""
    assert set(client(base).get("/openapi.json").json()["paths"]) == {
        "/api/connexion", "/api/deconnexion", "/api/mot_de_passe", "/api/moi", "/api/etude", "/api/entretien",
        "/api/desaccords", "/api/codages", "/api/accord", "/api/file", "/api/journal", "/api/actes",
        "/api/export"}


def test_le_jeton_d_ouverture_ouvre_la_seance_du_responsable(base: Base) -> None:
    un = client(base, jeton="un-jeton-tire-au-sort", responsable="ana")
    assert un.get("/?jeton=faux").status_code == 403 and un.get("/api/moi").status_code == 401
    ouverte = un.get("/?jeton=un-jeton-tire-au-sort")
    assert ouverte.status_code == 303 and "jeton" not in ouverte.headers["location"]
    for mot in ("HttpOnly", "SameSite=strict"):
        assert mot in ouverte.headers["set-cookie"]
    assert un.get("/api/moi").json()["personne"] == "ana"
    assert (
        client(base).get("/?jeton=").status_code == 200 and client(base).get("/api/moi").status_code == 401
    )  # serveur : pas de jeton


def test_une_ecriture_demande_le_jeton_csrf(base: Base) -> None:
    un = entrer(base, "ana")
    for faux in ("", "faux"):
        assert un.post("/api/actes", json=poser(base), headers={"X-CSRF": faux}).status_code == 403
    assert un.post("/api/actes", json=poser(base)).status_code == 200


def test_un_autre_nom_d_hote_est_refuse(base: Base) -> None:
    assert client(base).get("/", headers={"Host": "mechant.example"}).status_code == 400


def test_les_essais_de_mot_de_passe_sont_limites(base: Base) -> None:
    un = client(base)
    etats = [un.post("/api/connexion", json={"personne": "bob", "mot_de_passe": "faux"}).status_code for _ in range(7)]
    assert etats == [401] * 5 + [409] * 2
    assert un.post("/api/connexion", json={"personne": "bob", "mot_de_passe": MOT}).status_code == 409
    assert un.post("/api/connexion", json={"personne": "ana", "mot_de_passe": MOT}).status_code == 200


def test_une_equipe_entiere_se_connecte_derriere_un_relais_muet(base: Base) -> None:
    """Toutes les adresses y sont la même : seuls comptent les essais manqués, et ceux d'un compte ne ferment pas les autres."""
    un = client(base)
    for _ in range(8):
        for qui in ("ana", "bob", "lea"):
            for mot, etat in (("faux", 401), (MOT, 200)):
                assert un.post("/api/connexion", json={"personne": qui, "mot_de_passe": mot}).status_code == etat
    inconnus = [un.post("/api/connexion", json={"personne": f"x{i}", "mot_de_passe": "faux"}).status_code for i in range(31)]
    assert inconnus == [401] * 30 + [409]


def test_un_attaquant_lointain_ne_ferme_pas_la_porte_a_bob(base: Base) -> None:
    """Les cinq essais par minute se comptent par compte et par adresse."""
    appli = construire(base, Mode("Étude", hotes=("127.0.0.1",)))
    lointain, proche = (
        TestClient(appli, base_url="http://127.0.0.1", client=(adresse, 1)) for adresse in ("203.0.113.9", "192.0.2.1")
    )
    for _ in range(6):
        lointain.post("/api/connexion", json={"personne": "bob", "mot_de_passe": "faux"})
    assert lointain.post("/api/connexion", json={"personne": "bob", "mot_de_passe": MOT}).status_code == 409
    assert proche.post("/api/connexion", json={"personne": "bob", "mot_de_passe": MOT}).status_code == 200


def test_en_https_le_cookie_ne_part_que_chiffre_et_deux_etudes_ne_le_partagent_pas(base: Base) -> None:
    noms = []
    for marque in ("_1", "_2"):
        un = client(base, https=True, marque=marque)
        pose = un.post("/api/connexion", json={"personne": "bob", "mot_de_passe": MOT}).headers["set-cookie"]
        assert "Secure" in pose and "HttpOnly" in pose and "SameSite=strict" in pose
        noms.append(pose.split("=")[0])
    assert len(set(noms)) == 2
    assert (
        "Secure" not in client(base).post("/api/connexion", json={"personne": "bob", "mot_de_passe": MOT}).headers["set-cookie"]
    )


def test_seul_un_responsable_a_qui_rien_n_est_cache_exporte(base: Base) -> None:
    def exporter(fichier: Path) -> None:
        fichier.write_bytes(b"PK l'etude")

    appli = construire(base, Mode("Étude", hotes=("127.0.0.1",)), exporter)

    def demander(qui: str) -> tuple[int, bytes]:
        un = TestClient(appli, base_url="http://127.0.0.1")
        un.post("/api/connexion", json={"personne": qui, "mot_de_passe": MOT})
        rendu = un.get("/api/export")
        return rendu.status_code, rendu.content

    assert demander("ana") == (200, b"PK l'etude")
    assert demander("bob")[0] == demander("lea")[0] == 409
    with base.ecrire() as connexion:
        actes_equipe.affecter(Acces(connexion, "ana"), cle(), "E1", "ana", True, False)
    assert demander("ana")[0] == 409
    assert entrer(base, "ana").get("/api/export").status_code == 409  # et sans export, rien non plus


def test_changer_un_mot_de_passe_ferme_les_seances(base: Base) -> None:
    bob = entrer(base, "bob")
    assert bob.post("/api/mot_de_passe", json={"personne": "ana", "mot_de_passe": MOT}).status_code == 409
    neuf = {"personne": "bob", "mot_de_passe": MOT + "2"}
    assert bob.post("/api/mot_de_passe", json=neuf).status_code == 403  # une séance laissée ouverte n'y suffit pas
    assert bob.post("/api/mot_de_passe", json={**neuf, "ancien": MOT, "mot_de_passe": "court"}).status_code == 409
    assert bob.post("/api/mot_de_passe", json={**neuf, "ancien": MOT}).status_code == 204
    assert bob.get("/api/moi").status_code == 401
    ana, bob = entrer(base, "ana"), entrer(base, "bob", MOT + "2")
    assert ana.post("/api/mot_de_passe", json={"personne": "bob", "mot_de_passe": MOT}).status_code == 204
    assert bob.get("/api/moi").status_code == 401
    assert [(a["personne"], a["genre"]) for a in ana.get("/api/journal").json()[:2]] == [
        ("ana", "mot_de_passe"),
        ("bob", "mot_de_passe"),
    ]
    assert MOT not in ana.get("/api/journal").text
    assert ana.post("/api/deconnexion").status_code == 204 and ana.get("/api/moi").status_code == 401


def test_une_seance_perimee_ou_un_compte_ferme_ne_valent_plus_rien(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    bob, ana = entrer(base, "bob"), entrer(base, "ana")
    assert ana.post("/api/actes", json={"genre": "compte", "cle": cle(), "id": "bob", "actif": False}).status_code == 200
    assert bob.get("/api/moi").status_code == 401
    monkeypatch.setattr("codage.comptes.time.time", lambda: 4e9)
    assert ana.get("/api/moi").status_code == 401


def test_le_cookie_n_est_garde_qu_en_empreinte(base: Base) -> None:
    un = entrer(base, "ana")
    with base.lire() as connexion:
        brut = str(connexion.exec_driver_sql("SELECT * FROM seance").all()) + str(
            connexion.exec_driver_sql("SELECT * FROM secret").all()
        )
    assert un.cookies[COOKIE] not in brut and MOT not in brut and "$argon2id$" in brut


def test_un_codeur_ne_lit_que_ses_entretiens_et_un_lecteur_n_ecrit_rien(base: Base) -> None:
    bob, lea = entrer(base, "bob"), entrer(base, "lea")
    assert [e["id"] for e in bob.get("/api/etude").json()["entretiens"]] == ["E1"]
    assert (
        bob.get("/api/entretien?nom=E2").status_code == 409 and bob.post("/api/actes", json=poser(base, "E2")).status_code == 409
    )
    assert bob.post("/api/actes", json=poser(base)).status_code == 200
    assert lea.get("/api/entretien?nom=E2").status_code == 200
    for genre in (
        {**poser(base)},
        {"genre": "noter", "cle": cle(), "cible": "entretien", "id": "E1", "texte": "x"},
        {"genre": "terminer", "cle": cle(), "entretien": "E1"},
        {"genre": "compte", "cle": cle(), "id": "lea", "role": "responsable"},
        {"genre": "creer_code", "cle": cle(), "champs": {"code": "X", "intitule": "x"}, "hors_grille": True},
    ):
        assert lea.post("/api/actes", json=genre).status_code == 409, genre["genre"]
    with base.lire() as connexion:
        assert connexion.scalar(select(personne.c.role).where(personne.c.id == "lea")) == "lecteur"


def test_aucune_route_ne_montre_a_bob_le_codage_d_ana(base: Base) -> None:
    ana, bob = entrer(base, "ana"), entrer(base, "bob")
    c = code_id(base, "C1.1")
    assert ana.post("/api/actes", json=poser(base)).status_code == 200
    assert (
        ana.post(
            "/api/actes", json={"genre": "noter", "cle": cle(), "cible": "entretien", "id": "E1", "texte": "SECRET"}
        ).status_code
        == 200
    )
    pose = ana.get("/api/entretien?nom=E1").json()["codages"][0]["id"]
    for chemin in ("moi", "etude", "entretien?nom=E1", "desaccords?nom=E1", "accord", "file", "journal", "journal?entretien=E1",
                   f"codages?code={c}", "export"):
        rendu = bob.get(f"/api/{chemin}").text
        assert pose not in rendu and "SECRET" not in rendu, chemin
    assert (
        bob.post("/api/actes", json={"genre": "retirer", "cle": cle(), "codage": pose}).json()["detail"] == "codage introuvable"
    )


def test_une_base_occupee_se_dit_sans_rien_ecrire(base: Base) -> None:
    """Un autre programme tient la base : réponse 503, que la page renvoie sous la même clé."""
    un, acte_neuf = entrer(base, "ana"), poser(base)
    autre = Base.ouvrir(Path(str(base.moteur.url.database)).parent)
    base.moteur.dispose()
    with autre.ecrire(), base.moteur.connect() as connexion:
        connexion.exec_driver_sql("PRAGMA busy_timeout=0")
        connexion.close()
        assert un.post("/api/actes", json=acte_neuf).status_code == 503
    autre.fermer()
    assert un.post("/api/actes", json=acte_neuf).status_code == 200


def test_un_texte_piege_reste_du_texte(base: Base) -> None:
    un = entrer(base, "ana")
    rendu = un.get("/api/entretien", params={"nom": "<b>E3</b>"})
    assert rendu.headers["content-type"] == "application/json" and rendu.json()["fiche"]["texte"].startswith(PIEGE)
    assert rendu.headers["x-content-type-options"] == "nosniff"
    politique = un.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in politique and "script-src 'self'" in politique and "unsafe" not in politique
    assert "frame-ancestors 'none'" in politique


def test_une_demande_demesuree_ou_mal_formee_est_refusee(base: Base) -> None:
    un = entrer(base, "ana")
    assert un.post("/api/actes", content=b"x" * (TAILLE_MAX + 1)).status_code == 413
    for corps in (
        {},
        {"genre": "inconnu", "cle": cle()},
        {**poser(base), "debut": -1},
        {**poser(base), "cle": "court"},
        {**poser(base), "intrus": 1},
        {"genre": "noter", "cle": cle(), "cible": "entretien", "id": "E1", "texte": "a\0b"},
    ):
        assert un.post("/api/actes", json=corps).status_code == 422, corps
    with base.lire() as connexion:
        assert len(connexion.execute(select(affectation)).all()) == 1
