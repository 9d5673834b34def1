/* Parler au serveur. Un acte garde sa clé d'un envoi à l'autre : le renvoyer après une coupure ne le double pas. */

const base = new URL("..", import.meta.url).pathname;
let csrf = "";
export const donnerCsrf = (valeur) => { csrf = valeur; };

export class Refus extends Error {
  constructor(etat, message) { super(message); this.etat = etat; }
}

async function demande(chemin, options = {}) {
  const reponse = await fetch(base + chemin, { credentials: "same-origin", ...options }).catch(() => {
    throw new Error("L'application ne répond plus : ce que vous faites n'est plus enregistré. Relancez-la, puis rechargez cette page.");
  });
  const corps = reponse.status === 204 ? null : await reponse.json().catch(() => null);
  if (!reponse.ok) throw new Refus(reponse.status, corps?.detail ?? `le serveur répond ${reponse.status}`);
  return corps;
}

export const lire = (chemin) => demande(`api/${chemin}`);
export const envoyer = (chemin, corps) => demande(`api/${chemin}`, {
  method: "POST", headers: { "Content-Type": "application/json", "X-CSRF": csrf }, body: JSON.stringify(corps ?? {}) });

const ATTENTES = [500, 2000, 5000];
let suite = Promise.resolve();

/* Les actes partent un par un, dans l'ordre où on les fait. */
export function agir(genre, champs) {
  const acte = { genre, cle: cleNeuve(), ...champs };
  const fait = suite.then(async () => {
    for (let essai = 0; ; essai++) {
      try { return await envoyer("actes", acte); } catch (erreur) {
        const coupure = !(erreur instanceof Refus) || erreur.etat >= 500;
        if (!coupure || essai >= ATTENTES.length) throw erreur;
        await new Promise((suivre) => setTimeout(suivre, ATTENTES[essai]));
      }
    }
  });
  suite = fait.catch(() => {});
  return fait;
}

/* Hors https ou machine locale, crypto.randomUUID n'existe pas. */
export function cleNeuve() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (o) => o.toString(16).padStart(2, "0")).join("");
}
