"""Une petite grille juste, que les essais lisent ou dont ils changent un passage."""

PETITE = """\
identifiant: essai
titre: Grille d'essai
modalites:
  presente: {intitule: Oui, quand: C'est le cas}
  absente: {intitule: Non, quand: Ce n'est pas le cas}
  hypothetique: {intitule: Peut-être, quand: On ne sait pas}
genres:
  condition: Conditions
  obstacle: Obstacles
familles:
  1: Première
regles:
  - Coder ce qui est dit
codes:
  - code: 1.10
    intitule: Entente
    genre: condition
    famille: 1
    definition: >-
      On s'entend
      bien.
    mots: [accord, ensemble]
  - code: B
    intitule: Retard
    genre: obstacle
    definition: Tout arrive tard
    inclusions:
      - Retard de paiement
    couleur: "#82cd73"
"""
