"""La grille de codage : ses codes, ses modalités, ses règles, lues dans un fichier YAML.

Une grille déclare ses genres de codes (pour les Cités de l'emploi : conditions et obstacles), ses
familles, ses règles et ses codes ; une autre évaluation écrit la sienne sans toucher au programme.
Seuls sont fixés les identifiants des trois modalités, que toutes les tables emploient.
"""

from __future__ import annotations

import colorsys
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from corpus.fautes import ErreurEtude, Faute
from extraction.fautes_grille import en_francais, incoherences
from extraction.lecture_yaml import TAILLE_MAXIMALE, court, lire, nettoyer

if TYPE_CHECKING:
    import pandas

CONTRASTE_MINIMAL = 4.5
"""Contraste minimal entre la couleur d'un code et le noir (WCAG 2.1, critère 1.4.3, niveau AA)."""

DOSSIER = Path(__file__).parent / "grilles"


def contraste_avec_le_noir(couleur: str) -> float:
    """Rend le rapport de contraste entre une couleur et le noir, de 1 à 21.

    Parameters
    ----------
    couleur : str
        « #RRVVBB ».

    Notes
    -----
    Luminance relative et rapport de contraste : WCAG 2.1, définitions.
    """
    canaux = [int(couleur[rang : rang + 2], 16) / 255 for rang in (1, 3, 5)]
    rouge, vert, bleu = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return (0.2126 * rouge + 0.7152 * vert + 0.0722 * bleu + 0.05) / 0.05


def _exiger(condition: bool, message: str, remede: str) -> None:
    if not condition:
        raise PydanticCustomError("grille", "{message}", {"message": message, "remede": remede})


def _non_vide(texte: str) -> str:
    _exiger(bool(texte), "est vide", "écrivez un texte après les deux-points")
    return texte


def _identifiant(texte: str) -> str:
    _exiger(
        re.fullmatch(r"\w[\w.\-]{0,31}", texte) is not None,
        f"ne peut pas être « {court(texte)} »",
        "écrivez 1 à 32 lettres, chiffres, points ou tirets, sans espace, comme C1.1 ou O05",
    )
    return texte


def _couleur(texte: str) -> str:
    _exiger(
        re.fullmatch(r"#[0-9A-Fa-f]{6}", texte) is not None,
        f"ne peut pas être « {court(texte)} »" if texte else "est vide",
        "écrivez la couleur entre guillemets (sinon le dièse ouvre un commentaire), comme \"#82CD73\"",
    )
    _exiger(
        contraste_avec_le_noir(texte) >= CONTRASTE_MINIMAL,
        f"« {texte} » est trop sombre pour un texte noir",
        "choisissez une couleur plus claire, ou retirez la ligne : une couleur sera choisie",
    )
    return texte.upper()


def _au_moins_un(elements: tuple[_Objet, ...]) -> tuple[_Objet, ...]:
    _exiger(bool(elements), "est vide", "déclarez-en au moins un, comme dans une grille livrée")
    return elements


def _langue(texte: str) -> str:
    remede = "écrivez un code de deux lettres, comme fr"
    _exiger(re.fullmatch(r"[a-z]{2}", texte) is not None, f"ne peut pas être « {court(texte)} »", remede)
    return texte


Texte = Annotated[str, AfterValidator(_non_vide)]
Identifiant = Annotated[str, AfterValidator(_identifiant)]
Facultatif = BeforeValidator(lambda valeur: () if valeur == "" else valeur)
Textes = Annotated[tuple[Texte, ...], Facultatif]


class _Objet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Genre(_Objet):
    """Une sorte de codes (conditions, obstacles…), nommée au pluriel par `intitule`."""

    identifiant: Identifiant
    intitule: Texte


class Famille(_Objet):
    """Un regroupement de codes dans la grille."""

    identifiant: Identifiant
    intitule: Texte


class Modalite(_Objet):
    """Ce que le locuteur dit d'un code ; `quand` dit à quel moment l'employer."""

    identifiant: Identifiant
    intitule: Texte
    quand: Texte


class Code(_Objet):
    """Un code de la grille.

    Attributes
    ----------
    code : str
        L'identifiant écrit dans la colonne `code` des mentions.
    intitule : str
    genre : str
        Identifiant d'un genre de la grille.
    famille : str
        Identifiant d'une famille de la grille, vide si le code n'en a pas.
    definition : str
    inclusions, exclusions : tuple[str, ...]
        Ce que l'on code, ce que l'on ne code pas.
    mots : tuple[str, ...]
        Mots et expressions typiques, pour un codeur machine qui n'a pas encore d'exemples.
    exemples : tuple[str, ...]
        Phrases inventées qui porteraient le code.
    couleur : str
        « #RRVVBB », assez claire pour un texte noir.
    """

    code: Identifiant
    intitule: Texte
    genre: Texte
    famille: str = ""
    definition: Texte
    inclusions: Textes = ()
    exclusions: Textes = ()
    mots: Textes = ()
    exemples: Textes = ()
    couleur: Annotated[str, AfterValidator(_couleur)]


class Grille(_Objet):
    """Une grille de codage, immuable.

    Se lit avec `Grille.charger` ou `Grille.livree`. `grille["C1.1"]` rend un code, `"C1.1" in grille`
    dit s'il existe, `len(grille)` les compte ; parcourir la grille rend ses codes, dans l'ordre du
    fichier. Un code sans couleur en reçoit une, qui ne dépend que de son rang.

    Attributes
    ----------
    identifiant, titre, version, langue, description : str
    modalites : tuple[Modalite, ...]
        Les trois modalités, dans l'ordre du fichier.
    genres : tuple[Genre, ...]
    familles : tuple[Famille, ...]
    regles : tuple[str, ...]
        Règles communes à tous les codes.
    codes : tuple[Code, ...]
        Les codes, dans l'ordre de la grille.
    """

    identifiant: Identifiant
    titre: Texte
    version: str = ""
    langue: Annotated[str, AfterValidator(_langue)] = "fr"
    description: str = ""
    modalites: tuple[Modalite, ...]
    genres: Annotated[tuple[Genre, ...], Facultatif, AfterValidator(_au_moins_un)]
    familles: Annotated[tuple[Famille, ...], Facultatif] = ()
    regles: Textes = ()
    codes: Annotated[tuple[Code, ...], Facultatif, AfterValidator(_au_moins_un)]

    @model_validator(mode="before")
    @classmethod
    def _avant(cls, brut: Any) -> Any:
        return _preparer(brut)

    @model_validator(mode="after")
    def _apres(self) -> Grille:
        for _, message, _ in incoherences(self.model_dump()):
            raise ValueError(message)
        return self

    @classmethod
    def charger(cls, chemin: Path | None = None, nom: str | None = None) -> Grille:
        """Lit une grille.

        Parameters
        ----------
        chemin : Path, optional
            Fichier YAML ; sans lui, la grille Cités de l'emploi livrée.
        nom : str, optional
            Nom du fichier dans les messages (chemin relatif au dossier d'étude) ; sans lui, le nom
            du fichier.

        Raises
        ------
        ErreurEtude
            Porte toutes les fautes du fichier, dans l'ordre des lignes. Une faute de syntaxe YAML
            arrête la lecture : elle est alors donnée seule.
        """
        if chemin is None:
            return cls.livree("cites_emploi")
        chemin = Path(chemin)
        nom = nom or chemin.name
        racine, fautes = lire(_octets(chemin, nom), nom)
        brut = _preparer(racine.en_clair())
        if not isinstance(brut, dict):
            remede = "écrivez d'abord la tête : « identifiant: … », « titre: … »"
            raise ErreurEtude([*fautes, Faute(nom, racine.ligne, "le fichier n'est pas une grille", remede)])
        for lieu, message, remede in incoherences(brut):
            fautes.append(Faute(nom, racine.ligne_de(lieu), message, remede))
        try:
            grille = cls.model_validate(brut)
        except ValidationError as erreur:
            champs = {section: list(modele.model_fields) for section, modele in _MODELES.items()}
            fautes += en_francais(erreur.errors(include_url=False), brut, champs, racine, nom)
        if fautes:
            raise ErreurEtude(sorted(fautes, key=lambda faute: faute.ligne))
        return grille

    @classmethod
    def livree(cls, identifiant: str) -> Grille:
        """Lit une grille livrée avec le paquet : « cites_emploi » ou « cites_educatives ».

        Raises
        ------
        ErreurEtude
            Aucune grille livrée ne porte ce nom.
        """
        livrees = sorted(fichier.stem for fichier in DOSSIER.glob("*.yaml"))
        if identifiant not in livrees:
            message = f"aucune grille livrée ne s'appelle « {court(identifiant)} »"
            remede = f"choisissez parmi : {', '.join(livrees)}"
            raise ErreurEtude([Faute(f"{identifiant}.yaml", 0, message, remede)])
        return cls.charger(DOSSIER / f"{identifiant}.yaml")

    def __getitem__(self, code: str) -> Code:
        for candidat in self.codes:
            if candidat.code == code:
                return candidat
        raise KeyError(f"le code « {code} » n'est pas dans la grille {self.identifiant}")

    def __contains__(self, code: object) -> bool:
        return any(candidat.code == code for candidat in self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:  # type: ignore[override]
        return iter(self.codes)

    def du_genre(self, genre: str) -> tuple[Code, ...]:
        """Rend les codes d'un genre, dans l'ordre de la grille ; aucun si le genre est inconnu."""
        return tuple(code for code in self.codes if code.genre == genre)

    @property
    def conditions(self) -> tuple[Code, ...]:
        """Les codes du genre « condition »."""
        return self.du_genre("condition")

    @property
    def obstacles(self) -> tuple[Code, ...]:
        """Les codes du genre « obstacle »."""
        return self.du_genre("obstacle")

    @property
    def empreinte(self) -> str:
        """SHA-256 hexadécimal du contenu.

        Ne dépend ni des commentaires, ni de la mise en forme du YAML (guillemets, retours à la
        ligne, ordre des clés), ni de la forme Unicode des accents ; dépend de tout le reste.
        """
        contenu = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(contenu.encode("utf-8")).hexdigest()

    def tableau(self) -> pandas.DataFrame:
        """Rend la grille en table, une ligne par code, dans l'ordre de la grille.

        Returns
        -------
        pandas.DataFrame
            Colonnes code, intitule, genre, famille, definition, inclusions, exclusions, mots,
            exemples, couleur, toutes en texte ; les listes ont un élément par ligne de texte.
        """
        import pandas

        lignes = [
            {
                champ: "\n".join(valeur) if isinstance(valeur, tuple) else valeur
                for champ, valeur in code.model_dump().items()
            }
            for code in self.codes
        ]
        return pandas.DataFrame(lignes, columns=list(Code.model_fields))

    def en_markdown(self) -> str:
        """Rend le guide de codage en Markdown : modalités, règles, codes par genre et par famille."""
        from extraction.guide import en_markdown

        return en_markdown(self)

    def _repr_html_(self) -> str:
        from extraction.guide import en_html

        return en_html(self)


_MODELES: dict[str, type[_Objet]] = {
    "": Grille, "genres": Genre, "familles": Famille, "modalites": Modalite, "codes": Code
}  # fmt: skip


def _octets(chemin: Path, nom: str) -> bytes:
    if not chemin.exists():
        remede = "vérifiez son nom, ou retirez-le de l'étude pour employer la grille livrée"
        raise ErreurEtude([Faute(nom, 0, "le fichier de la grille est introuvable", remede)])
    if not chemin.is_file():
        remede = "indiquez le fichier YAML de la grille"
        raise ErreurEtude([Faute(nom, 0, "ce n'est pas un fichier", remede)])
    try:
        with chemin.open("rb") as fichier:
            return fichier.read(TAILLE_MAXIMALE + 1)
    except OSError as erreur:
        remede = "vérifiez que vous avez le droit de le lire et qu'aucun logiciel ne le bloque"
        raise ErreurEtude([Faute(nom, 0, "le fichier de la grille ne s'ouvre pas", remede)]) from erreur


def _preparer(brut: Any) -> Any:
    """Met en forme ce qui vient du YAML : textes nettoyés, blocs `identifiant: …` en listes, couleurs."""
    brut = _nettoyer(brut)
    if not isinstance(brut, dict):
        return brut
    for section in ("genres", "familles"):
        if isinstance(brut.get(section), dict):
            brut[section] = [{"identifiant": i, "intitule": texte} for i, texte in brut[section].items()]
    if isinstance(brut.get("modalites"), dict):
        brut["modalites"] = [
            {"identifiant": i, **(bloc if isinstance(bloc, dict) else {})}
            for i, bloc in brut["modalites"].items()
        ]
    if isinstance(brut.get("codes"), list):
        brut["codes"] = [
            {"couleur": _couleur_du_rang(rang), **code} if isinstance(code, dict) else code
            for rang, code in enumerate(brut["codes"])
        ]
    return brut


def _nettoyer(brut: Any) -> Any:
    """Nettoie tous les textes d'un contenu emboîté."""
    if isinstance(brut, str):
        return nettoyer(brut)
    if isinstance(brut, dict):
        return {cle: _nettoyer(valeur) for cle, valeur in brut.items()}
    if isinstance(brut, (list, tuple)):
        return [_nettoyer(valeur) for valeur in brut]
    return brut


def _couleur_du_rang(rang: int) -> str:
    """Rend une teinte claire ; deux rangs voisins ont des teintes éloignées (angle d'or)."""
    canaux = colorsys.hls_to_rgb(rang * 0.618034 % 1, 0.78 - 0.08 * (rang % 2), 0.65)
    return "#" + "".join(f"{round(255 * canal):02X}" for canal in canaux)
