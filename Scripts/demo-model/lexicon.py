"""The words of the demonstration models in English and French, and the words that they combine with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """An English noun and its French translation: singular, plural, gender and semantic kind."""

    english: str
    plural: str
    french: str
    french_plural: str
    gender: str
    kind: str


def _nouns(kind, table):
    """Rows of "english[/plural] french[/plural] gender"; a plain plural adds an s."""
    rows = []
    for row in table.strip().splitlines():
        english, french, gender = row.split()
        one, _, many = english.partition("/")
        fr_one, _, fr_many = french.partition("/")
        rows.append(Noun(one, many or one + "s", fr_one, fr_many or fr_one + "s", gender, kind))
    return rows


ANIMALS = _nouns("animal", """
cat chat m
dog chien m
bird oiseau/oiseaux m
mouse/mice souris/souris f
horse cheval/chevaux m
cow vache f
rabbit lapin m
goat chèvre f
animal animal/animaux m
feline félin m
""")

PERSONS = _nouns("person", """
man/men homme m
woman/women femme f
boy garçon m
girl fille f
child/children enfant m
teacher professeur m
farmer fermier m
king roi m
queen reine f
friend ami m
brother frère m
sister sœur f
doctor médecin m
student étudiant m
baker boulanger m
painter peintre m
sailor marin m
nurse infirmière f
""")

THINGS = _nouns("thing", """
book livre m
apple pomme f
letter lettre f
hat chapeau/chapeaux m
flower fleur f
key clé f
ball ballon m
cake gâteau/gâteaux m
orange orange f
egg œuf m
picture image f
bag sac m
coat manteau/manteaux m
box/boxes boîte f
""")

PLACES = _nouns("place", """
mat tapis/tapis m
table table f
bed lit m
chair chaise f
house maison f
garden jardin m
kitchen cuisine f
school école f
tree arbre m
river rivière f
street rue f
car voiture f
church/churches église f
forest forêt f
park parc m
bridge pont m
market marché m
station gare f
village village m
beach/beaches plage f
city/cities ville f
farm ferme f
room chambre f
rug tapis/tapis m
""")

NOUN = {noun.english: noun for noun in ANIMALS + PERSONS + THINGS + PLACES}

# The roles of a person, in masculine and feminine.
ROLES = {
    "teacher": ("professeur", "professeure"), "farmer": ("fermier", "fermière"),
    "doctor": ("médecin", "médecin"), "student": ("étudiant", "étudiante"),
    "baker": ("boulanger", "boulangère"), "painter": ("peintre", "peintre"),
    "sailor": ("marin", "marin"), "nurse": ("infirmier", "infirmière"),
}

# Names are the same in both languages; other words agree with their gender.
WOMEN = "Anna Emma Alice Clara Lucy Marie Julia Rose".split()
MEN = "Tom Paul Peter Jack Ben Hugo Leo Sam".split()


@dataclass(frozen=True)
class Adjective:
    """An English adjective and its French forms; `before` the noun, or after it."""

    english: str
    masculine: str
    feminine: str
    masculine_plural: str
    before: bool
    before_vowel: str  # the masculine singular in front of a vowel
    kinds: tuple

    def french(self, gender, plural, vowel=False):
        if gender == "f":
            return self.feminine + ("s" if plural else "")
        if plural:
            return self.masculine_plural
        return self.before_vowel if vowel else self.masculine


LIVING, LIFELESS = ("animal", "person"), ("thing", "place")


def _adjective(english, masculine, feminine=None, plural=None, before=False, vowel=None, kinds=()):
    feminine = feminine or (masculine if masculine.endswith("e") else masculine + "e")
    return Adjective(english, masculine, feminine, plural or masculine + "s", before,
                     vowel or masculine, kinds)


ADJECTIVES = [
    _adjective("big", "grand", before=True, kinds=LIVING + LIFELESS),
    _adjective("small", "petit", before=True, kinds=LIVING + LIFELESS),
    _adjective("old", "vieux", "vieille", "vieux", True, "vieil", LIVING + LIFELESS),
    _adjective("beautiful", "beau", "belle", "beaux", True, "bel", LIVING + LIFELESS),
    _adjective("new", "nouveau", "nouvelle", "nouveaux", True, "nouvel", LIFELESS),
    _adjective("young", "jeune", before=True, kinds=LIVING),
    _adjective("red", "rouge", kinds=LIFELESS),
    _adjective("blue", "bleu", kinds=LIFELESS),
    _adjective("green", "vert", kinds=LIFELESS),
    _adjective("black", "noir", kinds=("animal",) + LIFELESS),
    _adjective("white", "blanc", "blanche", kinds=("animal",) + LIFELESS),
    _adjective("grey", "gris", plural="gris", kinds=("animal",) + LIFELESS),
    _adjective("heavy", "lourd", kinds=("thing",)),
    _adjective("wide", "large", kinds=("place",)),
    _adjective("tired", "fatigué", kinds=LIVING),
    _adjective("happy", "heureux", "heureuse", "heureux", kinds=LIVING),
    _adjective("sad", "triste", kinds=LIVING),
    _adjective("hungry", "affamé", kinds=LIVING),
    _adjective("clever", "intelligent", kinds=LIVING),
    _adjective("tall", "grand", before=True, kinds=("person",)),
    _adjective("angry", "en colère", "en colère", "en colère", kinds=LIVING),
    # For places only; a living being that is cold "has cold" in French, see translation.py.
    _adjective("cold", "froid", kinds=("place",)),
]

ADJECTIVE = {adjective.english: adjective for adjective in ADJECTIVES}


@dataclass(frozen=True)
class Verb:
    """An English verb's forms, and the French forms for the persons PERSONS_OF_VERB."""

    base: str
    third: str
    past: str
    progressive: str  # "" where English says "loves", not "is loving"
    infinitive: str
    present: tuple
    participle: str
    future: str  # the stem
    past_is_imperfect: bool = False
    auxiliary: str = "avoir"
    reflexive: bool = False
    objects: tuple = ()  # the semantic kinds of its nouns, or a list of nouns
    subjects: tuple = LIVING

    def imperfect(self, person):
        if self.infinitive == "être":
            stem = "ét"
        else:
            stem = self.present[2].removesuffix("ons")  # nous mangeons, je mangeais
        if stem.endswith("ge") and person in ("1p", "2p"):
            stem = stem[:-1]
        return stem + dict(zip(PERSONS_OF_VERB, ["ais", "ait", "ions", "iez", "aient"]))[person]

    def french(self, tense, person):
        index = PERSONS_OF_VERB.index(person)
        if tense == "present":
            return self.present[index]
        if tense == "future":
            return self.future + ["ai", "a", "ons", "ez", "ont"][index]
        return self.imperfect(person)


PERSONS_OF_VERB = ["1s", "3s", "1p", "2p", "3p"]


def _regular(infinitive):
    stem = infinitive.removesuffix("er")
    soft = stem + "e" if stem.endswith("g") else stem
    present = (stem + "e", stem + "e", soft + "ons", stem + "ez", stem + "ent")
    return present, stem + "é", infinitive


def _verb(english, infinitive, present=None, participle=None, future=None, **rest):
    base, third, past, progressive = (english.split() + [""])[:4]
    regular = _regular(infinitive)
    present = tuple(present.split()) if present else regular[0]
    return Verb(base, third, past, progressive, infinitive, present, participle or regular[1],
                future or regular[2], **rest)


BE = _verb("be is was being", "être", "suis est sommes êtes sont", "été", "ser",
           past_is_imperfect=True)

# Transitive verbs.
TRANSITIVE = [
    _verb("eat eats ate eating", "manger", objects=("apple", "cake", "orange", "egg")),
    _verb("see sees saw", "voir", "vois voit voyons voyez voient", "vu", "verr",
          objects=LIVING + LIFELESS),
    _verb("love loves loved", "aimer", past_is_imperfect=True, objects=LIVING + LIFELESS),
    _verb("have has had", "avoir", "ai a avons avez ont", "eu", "aur", past_is_imperfect=True,
          objects=("animal", "thing", "house", "car", "brother", "sister", "friend")),
    _verb("find finds found", "trouver", objects=LIVING + ("thing",)),
    _verb("watch watches watched watching", "regarder", objects=LIVING + LIFELESS),
    _verb("carry carries carried carrying", "porter", objects=("thing", "child")),
    _verb("read reads read reading", "lire", "lis lit lisons lisez lisent", "lu", "lir",
          objects=("book", "letter"), subjects=("person",)),
    _verb("buy buys bought buying", "acheter", "achète achète achetons achetez achètent",
          future="achèter", objects=("thing", "house", "car", "table", "chair", "bed"),
          subjects=("person",)),
    _verb("take takes took taking", "prendre", "prends prend prenons prenez prennent", "pris",
          "prendr", objects=("thing",)),
    _verb("open opens opened opening", "ouvrir", "ouvre ouvre ouvrons ouvrez ouvrent", "ouvert",
          "ouvrir", objects=("box", "book", "letter", "bag"), subjects=("person",)),
    _verb("draw draws drew drawing", "dessiner", objects=LIVING + LIFELESS, subjects=("person",)),
    _verb("cross crosses crossed crossing", "traverser",
          objects=("street", "river", "bridge", "park", "forest", "garden", "city", "village",
                   "market")),
    _verb("lose loses lost losing", "perdre", "perds perd perdons perdez perdent", "perdu",
          "perdr", objects=("thing",)),
    _verb("sell sells sold selling", "vendre", "vends vend vendons vendez vendent", "vendu",
          "vendr", objects=("thing", "animal", "house", "car"), subjects=("person",)),
    _verb("forget forgets forgot forgetting", "oublier", objects=("thing", "child"),
          subjects=("person",)),
]
CROSS = next(verb for verb in TRANSITIVE if verb.base == "cross")

# Intransitive verbs, with or without a place.
INTRANSITIVE = [
    _verb("sleep sleeps slept sleeping", "dormir", "dors dort dormons dormez dorment", "dormi",
          "dormir"),
    _verb("play plays played playing", "jouer"),
    _verb("run runs ran running", "courir", "cours court courons courez courent", "couru", "courr"),
    _verb("wait waits waited waiting", "attendre",
          "attends attend attendons attendez attendent", "attendu", "attendr"),
    _verb("eat eats ate eating", "manger"),
    _verb("sing sings sang singing", "chanter"),
    _verb("work works worked working", "travailler", subjects=("person",)),
    _verb("dance dances danced dancing", "danser"),
    _verb("stay stays stayed", "rester", auxiliary="être"),
    _verb("live lives lived", "habiter", past_is_imperfect=True),
    _verb("rest rests rested resting", "reposer", auxiliary="être", reflexive=True),
    _verb("fall falls fell falling", "tomber", auxiliary="être"),
]

GO = _verb("go goes went going", "aller", "vais va allons allez vont", "allé", "ir",
           auxiliary="être")
GO_HOME = _verb("go goes went going", "rentrer", auxiliary="être")
ARRIVE = _verb("arrive arrives arrived arriving", "arriver", auxiliary="être")
# Sitting is a state in French: être assis.
SIT = _verb("sit sits sat sitting", "être", "suis est sommes êtes sont", "été", "ser",
            past_is_imperfect=True)
GIVING = [
    _verb("give gives gave giving", "donner"),
    _verb("show shows showed showing", "montrer"),
]

WANT = _verb("want wants wanted", "vouloir", "veux veut voulons voulez veulent", "voulu", "voudr")
CAN = _verb("can can could", "pouvoir", "peux peut pouvons pouvez peuvent", "pu", "pourr")
MUST = _verb("must must had", "devoir", "dois doit devons devez doivent", "dû", "devr")

# Prepositions of places: English, French, and the places.
PREPOSITIONS = {
    "on": ("sur", "mat table bed chair bridge rug beach"),
    "in": ("dans", "garden house kitchen school forest park car church street room city village"),
    "under": ("sous", "table bed tree chair bridge rug"),
    "behind": ("derrière", "house tree school church car station"),
    "near": ("près de", "house tree river school church garden park bridge beach farm market"),
    "in front of": ("devant", "house school church car station"),
    "at": ("à", "market station beach farm school church"),
}
DESTINATIONS = ("garden house river church park bridge market station village beach city farm "
                "market").split()

# Times.
TIMES_PAST = {
    "in the morning": "le matin", "in the evening": "le soir", "after lunch": "après le déjeuner",
    "yesterday": "hier", "on Monday": "lundi", "on Tuesday": "mardi", "on Wednesday": "mercredi",
    "on Thursday": "jeudi", "on Friday": "vendredi", "on Saturday": "samedi", "on Sunday": "dimanche",
}

# Set phrases, which the model memorizes.
PHRASES = [
    ("Hello.", "Bonjour."), ("Hello!", "Bonjour !"), ("Good morning.", "Bonjour."),
    ("Good evening.", "Bonsoir."), ("Good night.", "Bonne nuit."), ("Thank you.", "Merci."),
    ("Thank you!", "Merci !"), ("Yes.", "Oui."), ("No.", "Non."), ("Goodbye.", "Au revoir."),
    ("How are you?", "Comment allez-vous ?"),
    ("Hello, how are you?", "Bonjour, comment allez-vous ?"),
]
