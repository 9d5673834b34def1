// Les pièces dont les vues sont faites. Tout texte entre par un nœud de texte : jamais d'innerHTML.

const h = (nom, attributs, ...enfants) => {
  const element = document.createElement(nom);
  for (const [cle, valeur] of Object.entries(attributs || {})) {
    if (valeur === null || valeur === undefined || valeur === false) continue;
    if (cle === "variables") {
      for (const [v, x] of Object.entries(valeur)) element.style.setProperty(v, x);
    } else if (cle === "clic") element.addEventListener("click", valeur);
    else element.setAttribute(cle, valeur === true ? "" : valeur);
  }
  element.append(...enfants.flat(3).filter((e) => e !== null && e !== undefined && e !== false && e !== ""));
  return element;
};

// Un texte où des intervalles portent une classe ; ils peuvent se chevaucher.
const surligner = (texte, intervalles) => {
  const bornes = [...new Set([0, texte.length, ...intervalles.flatMap(([a, b]) => [a, b])])].sort((a, b) => a - b);
  const morceaux = [];
  for (let i = 0; i + 1 < bornes.length; i++) {
    const [a, b] = [bornes[i], bornes[i + 1]];
    const classes = new Set(intervalles.filter(([x, y]) => x <= a && b <= y).map(([, , classe]) => classe));
    const dedans = texte.slice(a, b);
    morceaux.push(classes.size ? h("mark", { class: [...classes].join(" ") }, dedans) : dedans);
  }
  return morceaux;
};

// Où la preuve se trouve dans la phrase : d'un tenant, sinon mot par mot (« transport; permis »).
const situerPreuve = (texte, preuve) => {
  if (!preuve) return [];
  const chercher = (morceau) => {
    const sur = morceau.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const trouve = new RegExp(`(?<![\\p{L}\\p{N}])${sur}(?![\\p{L}\\p{N}])`, "iu").exec(texte);
    return trouve ? [[trouve.index, trouve.index + trouve[0].length, "preuve"]] : [];
  };
  const entiere = chercher(preuve);
  return entiere.length ? entiere : preuve.split(/\s*[;|]\s*/).filter(Boolean).flatMap(chercher);
};

const intervallesDe = (phrase, mentions) => {
  const texte = texteDe(phrase);
  return mentions.flatMap((m) => {
    const partielle = M.debut[m] > 0 || M.fin[m] < texte.length;
    return [...(partielle ? [[M.debut[m], M.fin[m], "etendue"]] : []), ...situerPreuve(texte, M.preuve[m])];
  });
};

const pastille = (code) => h("span", { class: "pastille", variables: { "--couleur": code.couleur }, "aria-hidden": "true" });
const nomCode = (code) => [pastille(code), h("b", { class: "sigle" }, code.code), " ", code.intitule];

const modalite = (rang) => h("span", { class: `modalite m${rang}` },
  h("span", { "aria-hidden": "true" }, SYMBOLES[rang] + "\u00a0"), D.modalites[rang][1]);

const codeur = (rang) => {
  const nom = D.codeurs[rang];
  return estMachine(rang)
    ? h("span", { class: "codeur machine" }, h("b", null, "machine"), " ", nom.slice("machine:".length))
    : h("span", { class: "codeur" }, "codeur ", h("b", null, nom));
};

const confiance = (valeur) => valeur === null ? null
  : h("span", { class: "confiance" }, "confiance ", h("b", null, nombre(valeur, 2)),
      h("span", { class: "jauge", "aria-hidden": "true", variables: { "--part": valeur } }));

const ficheMention = (m) => {
  const code = CODES[M.code[m]], preuve = M.preuve[m];
  const montree = preuve && situerPreuve(texteDe(M.phrase[m]), preuve).length;
  return h("li", null,
    h("span", { class: "etiquette", title: code.intitule }, pastille(code), code.code), " ",
    modalite(M.modalite[m]), confiance(M.confiance[m]),
    M.relire[m] && h("span", { class: "relire" }, "à relire"), codeur(M.codeur[m]),
    M.indice[m] && M.modalite[m] > 0 && h("span", { class: "preuve-texte" }, `indice de modalité\u00a0: ${M.indice[m]}`),
    preuve && !montree && h("span", { class: "preuve-texte" }, `preuve\u00a0: ${preuve}`));
};

const lienEntretien = (phrase, texte) => {
  const e = entretienDe(phrase);
  return h("a", { href: lien("entretien", { id: E.id[e], phrase: P.id[phrase] || String(phrase) }) }, texte || E.id[e]);
};

const source = (phrase) => {
  const e = entretienDe(phrase);
  return [h("b", null, E.fonction[e] || "fonction non renseignée"), `, ${nomCategorie(E.categorie[e])} · `,
    `${D.territoires[E.territoire[e]][1]} · ${E.fichier[e]}`];
};

// Un verbatim : la phrase dans son contexte, ce qu'on y a repéré, d'où elle vient.
const verbatim = (phrase, { mentions = [], motifsCherches = [], avecSource = false, contexte = true } = {}) => {
  const texte = texteDe(phrase), tour = P.tour[phrase];
  const cote = (sens) => {
    const autre = contexte && voisine(phrase, sens);
    if (!autre) return null;
    const dit = autre.question && !estQuestion(phrase) ? "[question] " : "";
    return h("span", { class: "contexte" }, dit + autre.texte);
  };
  const marques = [...intervallesDe(phrase, mentions),
    ...occurrences(texte, motifsCherches).map(([a, b]) => [a, b, "trouve"])];
  const [debut, fin] = positionDe(phrase);
  const locuteur = T.locuteur[tour] || (T.enquete[tour] ? "enquêté" : "enquêteur");
  return h("li", { class: "verbatim" },
    avecSource && h("p", { class: "source" }, source(phrase)),
    h("blockquote", null, cote(-1), " ", h("span", { class: "dit" }, surligner(texte, marques)), " ", cote(1)),
    mentions.length > 0 && h("ul", { class: "fiches" }, mentions.map(ficheMention)),
    h("p", { class: "reference" }, lienEntretien(phrase), ` · tour ${nombre(T.tour[tour])}, ${locuteur}`,
      T.horodatage[tour] && ` · ${T.horodatage[tour]}`, P.id[phrase] && ` · ${P.id[phrase]}`,
      ` · caractères ${nombre(debut)} à ${nombre(fin)}`));
};

// Une liste qui s'allonge à la demande ; le clavier reprend au premier élément ajouté.
const listePaginee = (elements, rendre, pas = 50, classe = "verbatims") => {
  const liste = h("ol", { class: classe });
  const suite = h("button", { type: "button", class: "suite" });
  let montres = 0;
  const allonger = () => {
    const nouveaux = elements.slice(montres, montres + pas).map(rendre);
    liste.append(...nouveaux);
    montres += nouveaux.length;
    const reste = elements.length - montres;
    suite.hidden = reste === 0;
    suite.textContent = `Afficher la suite (${nombre(Math.min(pas, reste))} sur ${nombre(reste)})`;
    return nouveaux[0];
  };
  suite.addEventListener("click", () => {
    const premier = allonger();
    premier.tabIndex = -1;
    premier.focus();
  });
  allonger();
  return [liste, suite];
};

const tableau = (classe, legende, entete, corps) => {
  const titre = h("caption", null, h("div", null, legende));
  const nom = [...titre.firstChild.childNodes].map((noeud) => noeud.textContent).join(" : ");
  return h("div", { class: `large zone-${classe.split(" ")[0]}`, tabindex: "0", role: "region", "aria-label": nom },
    h("table", { class: classe }, titre, h("thead", null, entete), corps));
};

// Une image, de quoi l'enregistrer, et ce qui dit la même chose ; son titre et sa description sont dans le dessin.
const figureSvg = (svg, fichier, suite = null) => {
  const dessin = document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true);
  dessin.style.minWidth = `${0.85 * dessin.viewBox.baseVal.width}px`; // plus petit, ses textes ne se lisent plus : l’image défile
  const nom = dessin.querySelector("title").textContent;
  const enregistrer = () => {
    const adresse = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    h("a", { href: adresse, download: fichier }).click();
    setTimeout(() => URL.revokeObjectURL(adresse), 1000);
  };
  return h("figure", { class: "image" },
    h("div", { class: "large", tabindex: "0", role: "region", "aria-label": nom }, dessin),
    h("figcaption", null, h("button", { type: "button", "aria-label": `Enregistrer l’image (SVG)\u00a0: ${nom}`, clic: enregistrer },
      "Enregistrer l’image (SVG)"), suite));
};
