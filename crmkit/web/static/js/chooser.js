// A field that finds one of many facts by a part of its title: a combobox with a list in groups.

const within = (fact, words) => {
  const where = `${fact.title} ${fact.group} ${fact.name} ${fact.doc}`.toLowerCase();
  return words.every((word) => where.includes(word));
};

export function chooser({ facts, chosen, words, id, field, choose }) {
  const box = document.createElement("div");
  box.className = "condition-fact";
  const input = document.createElement("input");
  const list = document.createElement("div");
  const listId = `${id}-list`;
  input.className = "form-control";
  Object.entries({ type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": listId, "aria-label": words.fact, placeholder: words.choose, "data-field": field }).forEach(([name, value]) => input.setAttribute(name, value));
  input.value = chosen?.title ?? "";
  list.className = "condition-list";
  list.id = listId;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.fact);
  box.append(input, list);
  let found = [];
  let here = -1;

  const draw = (all) => {
    const typed = all ? [] : input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = facts.filter((fact) => within(fact, typed));
    const first = (fact) => (typed.length && fact.title.toLowerCase().startsWith(typed[0]) ? 0 : 1);
    if (typed.length) found.sort((one, other) => first(one) - first(other));
    const groups = new Map();
    for (const fact of found) groups.set(fact.group, [...(groups.get(fact.group) ?? []), fact]);
    found = [...groups.values()].flat();
    list.replaceChildren();
    let place = 0;
    for (const [title, members] of groups) {
      const group = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", title);
      const head = document.createElement("div");
      head.className = "condition-list-title";
      head.setAttribute("aria-hidden", "true");
      head.textContent = title;
      group.append(head);
      for (const fact of members) {
        const option = document.createElement("div");
        option.className = "condition-option";
        option.id = `${id}-${place}`;
        option.dataset.place = String(place++);
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.append(fact.title);
        if (fact.doc && fact.doc !== fact.title) {
          const small = document.createElement("small");
          small.textContent = fact.doc;
          option.append(small);
        }
        group.append(option);
      }
      list.append(group);
    }
    if (!found.length) {
      const none = document.createElement("div");
      none.className = "condition-list-title";
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.textContent = words.none;
      list.append(none);
    }
    here = -1;
    input.removeAttribute("aria-activedescendant");
  };
  const open = (all) => {
    draw(all);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const point = (place) => {
    if (!found.length) return;
    list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    here = (place + found.length) % found.length;
    const option = document.getElementById(`${id}-${here}`);
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const take = (place) => {
    const fact = found[place];
    if (!fact) return;
    close();
    input.value = fact.title;
    if (fact.name !== chosen?.name) choose(fact);
  };

  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => { if (list.hidden) open(true); });
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    open(false);
    if (found.length) point(0);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open(true);
      point(here + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      take(Math.max(here, 0));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
      input.value = chosen?.title ?? "";
    }
  });
  input.addEventListener("blur", () => {
    close();
    input.value = chosen?.title ?? "";
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[data-place]");
    if (option) take(Number(option.dataset.place));
  });
  return box;
}
