// Les vues chiffrées : nationale et matrice.

const UNITES = { entretiens: "entretien", phrases: "phrase", categories: "catégorie d’acteurs" };
const TITRES = { entretiens: "Nombre d’entretiens", phrases: "Nombre de phrases", categories: "Nombre de catégories d’acteurs" };
const PLURIELS = { entretiens: "entretiens", phrases: "phrases", categories: "catégories d’acteurs" };

// Compte, par clé, les entretiens, phrases et catégories d'acteurs distincts.
const compterPar = (mentions, cleDe) => {
  const cases = new Map();
  for (const m of mentions) {
    const phrase = M.phrase[m], e = entretienDe(phrase), cle = cleDe(m, e);
    if (!cases.has(cle)) cases.set(cle, { entretiens: new Set(), phrases: new Set(), categories: new Set() });
    const c = cases.get(cle);
    c.entretiens.add(e);
    c.phrases.add(phrase);
    if (E.categorie[e]) c.categories.add(E.categorie[e]);
  }
  return (cle, unite) => (cases.has(cle) ? cases.get(cle)[unite].size : 0);
};

// Les codes par genre, puis par famille, dans l'ordre de la grille.
const GENRES = [...new Set(CODES.map((c) => c.genre))].map((genre) => ({
  genre, nom: (D.genres.find(([cle]) => cle === genre) || [genre, genre])[1],
  codes: CODES.filter((c) => c.genre === genre),
}));

const barre = (n, sur, rang, href, dit) => h("a", { class: "barre", href, "aria-label": dit },
  h("span", { class: "n" }, nombre(n)),
  h("span", { class: "piste" }, h("span", { class: `m${rang}`, variables: { "--part": sur ? n / sur : 0 } })));

function vueNationale(contenu) {
  const f = filtres(), mentions = mentionsGardees(f), gardes = entretiensGardes(f), sur = gardes.length;
  const parCode = compterPar(mentions, (m) => M.code[m]);
  const parModalite = compterPar(mentions, (m) => M.code[m] * 3 + M.modalite[m]);
  const modalites = [0, 1, 2].filter((r) => f.mod === undefined || f.mod === r);
  const tri = etat.q.get("tri") || "tous";
  const valeur = (c) => (tri === "grille" ? -c.rang : RANG_MODALITE.has(tri)
    ? parModalite(c.rang * 3 + RANG_MODALITE.get(tri), "entretiens") : parCode(c.rang, "entretiens"));
  const ranger = (codes) => [...codes].sort((a, b) => valeur(b) - valeur(a) || a.rang - b.rang);
  const versVerbatims = (c, plus = {}) => lien("matrice", { code: c.code, ...plus });

  const phrasesDe = gardes.reduce((n, e) => n + TOURS_DE[e].reduce(
    (s, t) => s + (T.enquete[t] ? PHRASES_DE[t].length : 0), 0), 0);
  const codees = new Set(mentions.map((m) => M.phrase[m])).size;
  const cle = (n, quoi) => h("div", null, h("dt", null, quoi), h("dd", null, n));
  const chiffres = h("dl", { class: "chiffres" },
    cle(nombre(new Set(gardes.map((e) => E.territoire[e])).size), "territoires"),
    cle(nombre(sur), "entretiens"),
    cle(nombre(new Set(gardes.map((e) => E.categorie[e]).filter(Boolean)).size), "catégories d’acteurs"),
    cle(nombre(phrasesDe), "phrases d’enquêtés"),
    cle(phrasesDe ? pourcent(codees / phrasesDe) : "–", "des phrases codées"),
    cle(nombre(mentions.length), "mentions"));

  const enTete = (id, texte) => h("th", { scope: "col", "aria-sort": tri === id ? "descending" : null },
    h("a", { href: lienIci({ tri: id === "tous" ? "" : id }), "data-cle": `tri-${id}`,
      title: "Ranger par cette colonne" }, texte, h("span", { class: "fleche", "aria-hidden": "true" }, tri === id ? " ↓" : "")));
  const classement = ({ nom, codes }) => h("section", { class: "classement" },
    tableau("barres", [h("h3", null, nom), `Nombre d’entretiens qui en parlent, sur ${nombre(sur)}, selon la modalité`],
      h("tr", null, enTete("grille", "Code"), enTete("tous", "Entretiens"),
        modalites.map((r) => enTete(D.modalites[r][0], modalite(r)))),
      h("tbody", null, ranger(codes).map((c) => h("tr", null,
        h("th", { scope: "row", title: c.definition }, nomCode(c)),
        h("td", null, h("a", { class: "total", href: versVerbatims(c) },
          h("b", null, nombre(parCode(c.rang, "entretiens"))),
          h("span", { class: "part" }, sur ? pourcent(parCode(c.rang, "entretiens") / sur) : "–"))),
        modalites.map((r) => {
          const n = parModalite(c.rang * 3 + r, "entretiens");
          return h("td", null, barre(n, sur, r, versVerbatims(c, { mod: D.modalites[r][0] }),
            `${c.code}, modalité ${D.modalites[r][1]} : ${compte(n, "entretien")}`));
        }))))));

  const effectif = new Map(CATEGORIES.map((cat) => [cat, gardes.filter((e) => E.categorie[e] === cat).length]));
  const presentes = CATEGORIES.filter((cat) => effectif.get(cat));
  const parCategorie = compterPar(mentions, (m, e) => `${M.code[m]} ${E.categorie[e]}`);
  const croise = tableau("chaleur", [h("h3", null, "Qui en parle"), "Part des entretiens de chaque catégorie d’acteurs qui parlent du code"],
    h("tr", null, h("th", { scope: "col" }, "Code"), presentes.map((cat) =>
      h("th", { scope: "col" }, h("span", { class: "colonne" }, nomCategorie(cat)), h("small", null, `n = ${nombre(effectif.get(cat))}`)))),
    GENRES.map(({ nom, codes }) => h("tbody", null,
      h("tr", { class: "famille" }, h("th", { scope: "rowgroup", colspan: presentes.length + 1 }, h("span", null, nom))),
      ranger(codes).map((c) => h("tr", null, h("th", { scope: "row", title: c.definition }, nomCode(c)),
        presentes.map((cat) => {
          const n = parCategorie(`${c.rang} ${cat}`, "entretiens"), part = n / effectif.get(cat);
          return h("td", { class: n ? "" : "zero", variables: { "--part": part } },
            h("a", { href: versVerbatims(c, { cat }), title: `${nombre(n)} sur ${nombre(effectif.get(cat))}` }, pourcent(part)));
        }))))));

  contenu.replaceChildren(chiffres,
    h("p", { class: "aide" }, "Une barre = la part des entretiens retenus. Un même entretien peut compter dans plusieurs modalités. ",
      "Chaque nombre ouvre ses verbatims\u00a0; l’en-tête d’une colonne en fait l’ordre de rangement."),
    h("div", { class: "cote-a-cote" }, GENRES.map(classement)),
    croise);
  return `${compte(sur, "entretien")}, ${compte(mentions.length, "mention")}`;
}

// Les verbatims d'une case, rangés par entretien.
const panneau = (code, lieu, f) => {
  const ter = RANG_TERRITOIRE.get(lieu);
  const mentions = mentionsGardees(f).filter((m) => M.code[m] === code.rang &&
    (ter === undefined || E.territoire[entretienDe(M.phrase[m])] === ter));
  const parPhrase = new Map();
  for (const m of mentions) parPhrase.set(M.phrase[m], [...(parPhrase.get(M.phrase[m]) || []), m]);
  const phrases = [...parPhrase.keys()].sort((a, b) => a - b);
  const lesEntretiens = new Set(phrases.map(entretienDe));
  const cats = new Set([...lesEntretiens].map((e) => E.categorie[e]).filter(Boolean));
  let precedent = -1;
  const rendre = (phrase) => {
    const e = entretienDe(phrase), nouveau = e !== precedent;
    precedent = e;
    const carte = verbatim(phrase, { mentions: parPhrase.get(phrase) });
    if (nouveau) carte.prepend(h("p", { class: "source" }, source(phrase)));
    return carte;
  };
  const lieuDit = ter === undefined ? "Tous les territoires" : D.territoires[ter][1];
  return h("section", { class: "panneau", "aria-labelledby": "h-panneau" },
    h("header", null,
      h("h3", { id: "h-panneau", tabindex: "-1" }, nomCode(code), h("span", { class: "lieu" }, lieuDit)),
      h("a", { class: "bouton", id: "fermer", href: lienIci({ code: "", lieu: "" }) }, "Fermer")),
    h("p", { class: "definition" }, code.definition),
    h("p", { class: "compte", id: "compte-panneau" }, [
      f.mod === undefined ? "Toutes modalités" : ["Modalité ", modalite(f.mod)], "\u00a0: ",
      h("b", { "data-n": "entretiens" }, compte(lesEntretiens.size, "entretien")), ", ",
      h("b", { "data-n": "phrases" }, compte(phrases.length, "phrase")), ", ",
      h("b", { "data-n": "categories" }, compte(cats.size, "catégorie d’acteurs", "catégories d’acteurs"))]),
    phrases.length ? listePaginee(phrases, rendre) : h("p", { class: "vide" }, "Aucune phrase dans cette case avec ces filtres."));
};

function vueMatrice(contenu) {
  const f = filtres(), mentions = mentionsGardees(f), gardes = entretiensGardes(f);
  const unite = UNITES[etat.q.get("unite")] ? etat.q.get("unite") : "entretiens";
  const lieux = D.territoires.map((_, r) => r).filter((r) => f.ter === undefined || f.ter === r);
  const parCase = compterPar(mentions, (m, e) => `${M.code[m]} ${E.territoire[e]}`);
  const parCode = compterPar(mentions, (m) => M.code[m]);
  const parModalite = compterPar(mentions, (m, e) => `${M.code[m]} ${E.territoire[e]} ${M.modalite[m]}`);
  const dans = (r) => gardes.filter((e) => E.territoire[e] === r);
  const plafonds = new Map(lieux.map((r) => [r, unite === "entretiens" ? dans(r).length
    : new Set(dans(r).map((e) => E.categorie[e]).filter(Boolean)).size]));
  const maxPhrases = Math.max(1, ...CODES.flatMap((c) => lieux.map((r) => parCase(`${c.rang} ${r}`, "phrases"))));
  const ouvert = CODES[RANG_CODE.get(etat.q.get("code"))], lieuOuvert = etat.q.get("lieu") || "";

  const caseDe = (c, r) => {
    const cle = `${c.rang} ${r}`, n = parCase(cle, unite), lieu = D.territoires[r];
    const sur = unite === "phrases" ? maxPhrases : plafonds.get(r);
    const details = [0, 1, 2].map((x) => parModalite(`${cle} ${x}`, unite));
    const dites = details.map((d, x) => (d ? `${D.modalites[x][1]} ${nombre(d)}` : "")).filter(Boolean).join(", ");
    const courante = ouvert === c && lieuOuvert === lieu[0];
    const somme = details[0] + details[1] + details[2];
    return h("td", { class: [n ? "" : "zero", courante ? "courante" : ""].join(" ").trim() || null,
      variables: { "--part": sur ? n / sur : 0 } },
      h("a", { href: lienIci({ code: c.code, lieu: lieu[0] }), tabindex: "-1", "data-cle": `case-${c.rang}-${r}`,
        "aria-current": courante ? "true" : null, title: `${c.code}, ${lieu[1]}${dites ? ` : ${dites}` : ""}`,
        "aria-label": `${c.code}, ${lieu[1]} : ${compte(n, UNITES[unite], PLURIELS[unite])}${dites ? ` (${dites})` : ""}` },
        h("span", { class: "n" }, nombre(n)),
        f.mod === undefined && n ? h("span", { class: "partage", "aria-hidden": "true" },
          details.map((d, x) => d > 0 && h("span", { class: `m${x}`, variables: { "--part": d / somme } }))) : null));
  };
  const ligne = (c) => h("tr", null,
    h("th", { scope: "row", title: c.definition }, nomCode(c)),
    h("td", { class: ouvert === c && !lieuOuvert ? "ensemble courante" : "ensemble" },
      h("a", { href: lienIci({ code: c.code, lieu: "" }), tabindex: "-1", "data-cle": `case-${c.rang}-tous`,
        "aria-label": `${c.code}, tous les territoires : ${compte(parCode(c.rang, unite), UNITES[unite], PLURIELS[unite])}` },
        nombre(parCode(c.rang, unite)))),
    lieux.map((r) => caseDe(c, r)));
  const familles = GENRES.flatMap(({ nom, codes }) => [...new Set(codes.map((c) => c.famille))].map((famille) => h("tbody", null,
    h("tr", { class: "famille" }, h("th", { scope: "rowgroup", colspan: lieux.length + 2 },
      h("span", null, famille && famille !== nom ? `${nom} · ${famille}` : nom))),
    codes.filter((c) => c.famille === famille).map(ligne))));

  const bascule = h("fieldset", { class: "bascule" }, h("legend", null, "Compter"),
    Object.keys(UNITES).map((u) => {
      const bouton = h("input", { type: "radio", name: "unite", value: u, "data-cle": `unite-${u}` });
      bouton.checked = u === unite;
      bouton.addEventListener("change", () => { location.hash = lienIci({ unite: u === "entretiens" ? "" : u }); });
      return h("label", null, bouton, " ", PLURIELS[u]);
    }));
  const echelle = { entretiens: "part des entretiens du territoire", phrases: "rapport à la case la plus fournie",
    categories: "part des catégories d’acteurs rencontrées sur le territoire" }[unite];
  const legende = h("p", { class: "legende" },
    h("span", null, "Intensité\u00a0: ", echelle, " ", h("span", { class: "degrade", "aria-hidden": "true" })),
    f.mod === undefined && h("span", null, "Filet\u00a0: ", [0, 1, 2].map((x) =>
      [h("span", { class: `cle m${x}`, "aria-hidden": "true" }), D.modalites[x][1], " "])),
    h("span", { class: "clavier" }, "Flèches du clavier pour passer d’une case à l’autre, Entrée pour lire ses verbatims."));
  const matrice = tableau("matrice chaleur",
    `${TITRES[unite]} par code et par territoire, ${f.mod === undefined ? "toutes modalités" : `modalité ${D.modalites[f.mod][1]}`}`,
    h("tr", null, h("th", { scope: "col" }, "Code"), h("th", { scope: "col", class: "ensemble" }, h("span", { class: "colonne" }, "Ensemble"), h("small", null, `n = ${nombre(gardes.length)}`)),
      lieux.map((r) => h("th", { scope: "col" }, h("span", { class: "colonne" }, D.territoires[r][1]),
        h("small", null, `n = ${nombre(dans(r).length)}`)))), familles);
  contenu.replaceChildren(h("div", { class: "outils" }, bascule, legende),
    h("div", { class: ouvert ? "plan ouvert" : "plan" }, matrice, ouvert ? panneau(ouvert, lieuOuvert, f) : null));
  ajuster();
  promener(matrice.querySelector("table"), ouvert && `case-${ouvert.rang}-${lieuOuvert ? RANG_TERRITOIRE.get(lieuOuvert) : "tous"}`);
  return ouvert ? document.getElementById("compte-panneau").textContent : `${compte(mentions.length, "mention")}`;
}

// Une matrice qui tient en largeur suit la page, en-tête collé sous les filtres ; sinon elle défile à part.
function ajuster() {
  const filtres = document.getElementById("filtres"), region = document.querySelector(".zone-matrice");
  document.documentElement.style.setProperty("--haut", `${filtres.hidden ? 0 : filtres.offsetHeight}px`);
  if (!region) return;
  region.classList.remove("tient");
  region.classList.toggle("tient", region.scrollWidth <= region.clientWidth);
}
window.addEventListener("resize", ajuster);
document.getElementById("volet-filtres").addEventListener("toggle", ajuster);

// Une seule case prend le focus par tabulation ; les flèches passent aux voisines.
const promener = (table, cle) => {
  const rangees = [...table.rows].map((r) => [...r.querySelectorAll("td a")]).filter((r) => r.length);
  if (!rangees.length) return;
  (table.querySelector(`[data-cle="${cle}"]`) || rangees[0][0]).tabIndex = 0;
  table.addEventListener("keydown", (evenement) => {
    const y = rangees.findIndex((r) => r.includes(document.activeElement));
    if (y < 0 || evenement.ctrlKey || evenement.altKey || evenement.metaKey) return;
    const x = rangees[y].indexOf(document.activeElement), dernier = rangees[y].length - 1;
    const cible = {
      ArrowRight: () => rangees[y][x + 1], ArrowLeft: () => rangees[y][x - 1],
      ArrowDown: () => rangees[y + 1]?.[x], ArrowUp: () => rangees[y - 1]?.[x],
      Home: () => rangees[y][0], End: () => rangees[y][dernier],
    }[evenement.key];
    if (!cible) return;
    evenement.preventDefault();
    const voulue = cible();
    if (!voulue) return;
    document.activeElement.tabIndex = -1;
    voulue.tabIndex = 0;
    voulue.focus();
  });
};
