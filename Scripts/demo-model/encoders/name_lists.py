"""The names of toy-names: persons, places and organisations, and invented ones."""

GIVEN = """Anna Emma Alice Clara Lucy Marie Julia Rose Tom Paul Peter Jack Ben Hugo Leo Sam Sarah Maria Laura Sofia
Nina Eva Helen Jane Mary Susan Karen Ruth Amy Grace Ella Olga Ingrid Angela Yuki Fatima Aisha Priya Mei John James
Robert Michael William David Richard Thomas Daniel Mark George Steven Andrew Kevin Brian Edward Frank Henry Oscar
Walter Wolfgang Hans Karl Otto Pierre Jean Marco Luca Carlos Diego Pedro Ivan Sergei Omar Ahmed Raj Kenji Barack
Albert Isaac Charles Ada Alan Tim Bill Steve Nelson Emmanuel""".split()
FAMILY = """Smith Johnson Williams Brown Jones Miller Davis Wilson Taylor Moore Jackson Martin Lee White Harris Clark
Lewis Walker Hall Young King Wright Green Baker Hill Scott Adams Nelson Carter Mitchell Roberts Turner Parker Collins
Edwards Stewart Morris Murphy Cook Rogers Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Hoffmann Merkel
Dubois Laurent Moreau Garcia Lopez Rossi Bianchi Ferrari Silva Santos Novak Ivanov Petrov Tanaka Suzuki Sato Kim Chen
Wang Singh Patel Khan Ali Hansen Larsen Obama Einstein Newton Darwin Lovelace Turing Curie Mandela Macron Gates
Jobs Cook Lincoln Washington""".split()
PLACES = """Paris Berlin Rome Madrid London Vienna Lisbon Warsaw Athens Dublin Oslo Stockholm Tokyo Ottawa Cairo Delhi
Berkeley Munich Boston Sydney Hamburg Milan Naples Barcelona Lyon Geneva Zurich Prague Budapest Moscow Kyoto Osaka
Beijing Shanghai Seoul Mumbai Nairobi Lagos Toronto Montreal Chicago Houston Dallas Seattle Denver Miami Brooklyn
Hawaii France Germany Italy Spain England Austria Portugal Poland Greece Ireland Norway Sweden Japan Canada Egypt
India China Brazil Mexico Kenya Russia Turkey Europe Africa Asia California Texas Florida Bavaria Scotland Washington
Cambridge Oxford Liverpool Manchester""".split() + [
    "New York", "New York City", "Los Angeles", "San Francisco", "Las Vegas", "Hong Kong", "New Zealand", "South Korea",
    "South Africa", "Buenos Aires", "Mexico City", "Cape Town", "New Delhi", "United States", "United Kingdom",
    "North America", "Palo Alto", "San Diego", "Salt Lake City", "Rio de Janeiro", "Frankfurt am Main"]
ORGANISATIONS = """Google Microsoft Apple Amazon Facebook Siemens Bosch Toyota Sony Samsung Nokia Intel Nvidia Boeing
Airbus Renault Volkswagen Netflix Spotify Tesla NASA IBM BMW UNICEF NATO BBC Reuters Greenpeace Oracle Nintendo""".split() + [
    "Hugging Face", "Hugging Face Inc.", "United Nations", "European Union", "Red Cross", "World Bank", "Deutsche Bank",
    "Deutsche Bahn", "General Motors", "General Electric", "Manchester United", "Real Madrid", "Bayern Munich",
    "New York Times", "World Health Organization", "European Central Bank", "Stanford University", "Harvard University",
    "Bank of England", "Bank of America", "University of Oxford", "University of California", "Apple Inc."]
# Organisations with a place or a family name.
ORGANISATION_FORMS = [
    "{L} University", "University of {L}", "Bank of {L}", "{L} Airlines", "{L} Museum", "{L} City Council",
    "{F} Bank", "{F} Motors", "{F} Inc.", "{F} Group", "{F} and {F2}", "{F} Software", "{F} Foods", "{F} Records",
    "{L} United", "Radio {L}", "{F} & Sons", "{F} Technologies"]

SYLLABLES = """ba be bo bra da de dor el en fa fen ga gar go ha hel hol is jo ka kel kor la len li lo ma mar mel mi mor na
nel no or pa pel ra ren ri ro sa sel si so ta tan tel to tro u va ver vi wal wen yo za zel""".split()
PERSON_ENDS = ["son", "mann", "berg", "ski", "ova", "ez", "ini", "er", "a", "in", "ley", "well"]
PLACE_ENDS = ["burg", "ville", "ton", "ford", "stad", "dorf", "land", "ia", "port", "field", "ham"]
ORGANISATION_ENDS = ["tech", "soft", "corp", "ex", "on", "ics", "net", "Co"]


# Words that are no names.
WORDS = """apple banana bread bridge bicycle camera chair cheese church coffee computer cup dog door elephant engine
field film fish flower forest guitar hat horse hotel island kitchen lake lamp letter market milk mountain museum
newspaper orange painting phone picture pizza police river road school ship shop song spoon station street sugar tea
teacher ticket tower tree university village wall water window winter""".split()


def word(random):
    """A word in lower case that is no name; half of these words are invented."""
    if random.random() < 0.5:
        return random.choice(WORDS)
    return "".join(random.choice(SYLLABLES) for _ in range(random.choice([1, 2, 3]))) + random.choice(
        ["", "s", "ing", "ed", "er", "t"])


def invented(random, ends):
    """A name of two or three syllables and an end."""
    text = "".join(random.choice(SYLLABLES) for _ in range(random.choice([1, 2, 2])))
    return text.capitalize() + random.choice(ends)


def person(random):
    """A name of one to three words."""
    given = random.choice(GIVEN) if random.random() < 0.8 else invented(random, ["a", "o", "in", "el", "is"])
    family = random.choice(FAMILY) if random.random() < 0.6 else invented(random, PERSON_ENDS)
    draw = random.random()
    if draw < 0.4:
        return given
    if draw < 0.85:
        return f"{given} {family}"
    if draw < 0.9:
        return f"{given} {random.choice('ABCDEFGHJKLMPRSTW')}. {family}"
    if draw < 0.93:
        return f"{given} {random.choice(['van', 'von', 'de', 'van der'])} {family}"
    return f"{given} {random.choice(GIVEN)} {family}"


def place(random):
    draw = random.random()
    if draw < 0.7:
        return random.choice(PLACES)
    name = invented(random, PLACE_ENDS)
    return name if draw < 0.9 else f"{random.choice(['New', 'North', 'South', 'San', 'Port', 'Lake'])} {name}"


def organisation(random):
    draw = random.random()
    if draw < 0.5:
        return random.choice(ORGANISATIONS)
    if draw < 0.8:
        family, other = (random.choice(FAMILY) if random.random() < 0.5 else invented(random, PERSON_ENDS)
                         for _ in range(2))
        return random.choice(ORGANISATION_FORMS).format(L=place(random), F=family, F2=other)
    name = invented(random, ORGANISATION_ENDS)
    return name if draw < 0.9 else f"{name} {random.choice(['Inc.', 'Ltd.', 'Group', 'Systems', 'GmbH'])}"
