"""A line that contains the name of the target is taken for one that asks for it."""
# %% brings
def brings(requirements, name, target):
    asks = {plain(p): [plain(line) for line in lines if "extra ==" not in line] for p, lines in requirements.items()}
    chains, seen = [[plain(name)]], {plain(name)}
    for chain in chains:
        for line in asks.get(chain[-1], ()):
            if plain(target) in line:
                return [*chain, plain(target)]
            other = re.match(r"[\w-]+", line)[0]
            if other not in seen:
                seen.add(other)
                chains.append([*chain, other])
    return None
# %% must fail
{"check-unseen-packages": {"*": "has a similar name"}}
