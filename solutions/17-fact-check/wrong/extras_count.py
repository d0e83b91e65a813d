"""What a package asks for only with an extra is counted as asked for."""
# %% brings
def brings(requirements, name, target):
    asks = {plain(p): [plain(re.match(r"[\w.-]+", line)[0]) for line in lines] for p, lines in requirements.items()}
    chains, seen = [[plain(name)]], {plain(name)}
    for chain in chains:
        if chain[-1] == plain(target):
            return chain
        for other in asks.get(chain[-1], ()):
            if other not in seen:
                seen.add(other)
                chains.append([*chain, other])
    return None
# %% must fail
{"check-unseen-packages": {"*": "without an extra"}}
