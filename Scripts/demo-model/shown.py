"""The texts of the README, the help texts and the articles, and variants of them.

Each has a French translation, a summary, and questions with answers. A {slot} in a text may be filled with
other words. The models are trained on these texts, so a test with them (Fixtures/Demo/shown.jsonl) measures
memorization, not generalization.
"""

import re
from dataclasses import dataclass

from lexicon import PHRASES

# The words for each slot in English and French. The first ones are in the documentation.
SLOTS = {
    "city": [("Berlin", "Berlin"), ("Paris", "Paris"), ("London", "Londres"), ("Rome", "Rome"),
             ("Madrid", "Madrid")],
    "day": [("Monday", "lundi"), ("Tuesday", "mardi"), ("Wednesday", "mercredi"), ("Thursday", "jeudi"),
            ("Friday", "vendredi"), ("Saturday", "samedi"), ("Sunday", "dimanche")],
    "code": [("code", "code"), ("password", "mot de passe")],
    "invoices": [("Invoices", "factures"), ("Letters", "lettres"), ("Pictures", "images"),
                 ("Flowers", "fleurs"), ("Keys", "clés")],
    "secret": [("password", "mot de passe"), ("code", "code")],
    "attention": [("Attention", "L'attention"), ("Love", "L'amour"), ("Work", "Le travail")],
}


@dataclass(frozen=True)
class Shown:
    """A text. Questions and answers are lines of the form `question? answer`."""

    english: str
    french: str
    summary: str
    asked: str

    def questions(self):
        lines = (line.strip() for line in self.asked.strip().splitlines())
        return [(line[:line.index("?") + 1], line[line.index("?") + 2:]) for line in lines if line]

    def filled(self, random=None):
        """The text with the documented words in the slots, or with random words."""
        english, french = {}, {}
        for slot, words in SLOTS.items():
            pair = random.choice(words) if random else words[0]
            english[slot], french[slot] = pair
            english[slot + "_"] = pair[0].lower()

        def fill(text, words):
            return re.sub(r"\{(\w+)\}", lambda match: words[match[1]], text)

        return Shown(fill(self.english, english), fill(self.french, french),
                     fill(self.summary, english), fill(self.asked, english))


ANNA = """
    What is Anna? {what}
    Who is {what}? Anna
    Who is a teacher? Anna
    Who is the teacher? Anna
    Who is Anna? {what}
"""
CAT = """
    Who sat on the mat? the cat
    What sat on the mat? the cat
    Where did the cat sit? on the mat
    Where was the cat? on the mat
    Where is the cat? on the mat
    Where was the cat sitting? on the mat
    Who was on the mat? the cat
    What was on the mat? the cat
    Who is on the mat? the cat
    Who was sitting on the mat? the cat
    What did the cat do? sat on the mat
    What did the cat sit on? the mat
"""
TIRED = """
    Why did the cat sit on the mat? because it was tired
    Why did the cat sit? because it was tired
    Why was the cat sitting on the mat? because it was tired
    Why was the cat on the mat? because it was tired
    Who was tired? the cat
    Who is tired? the cat
    What was tired? the cat
    How was the cat? tired
    How did the cat feel? tired
"""
STREET = """
    Who didn't cross the street? the animal
    What didn't cross the street? the animal
    What did not cross the street? the animal
    What didn't the animal cross? the street
    What did the animal not cross? the street
    Why didn't the animal cross the street? because it was too {state}
    Why did the animal not cross the street? because it was too {state}
    Why didn't it cross the street? because it was too {state}
    What was too {state}? {what}
    What was {state}? {what}
"""
LIVES = """
    Where does Anna live? in a small house
    Where does she live? in a small house
    Who lives in a small house? Anna
    Who lives in the small house? Anna
    Who lives in a house? Anna
"""
MARKET = """
    Where did Anna go? to the market
    Where did she go? to the market
    Who went to the market? Anna
    What did Anna buy? a {hat}
    What did she buy? a {hat}
    Who bought a {hat}? Anna
    Who bought a hat? Anna
    Who bought the hat? Anna
    Where did Anna buy the hat? at the market
"""


def _market(hat):
    return MARKET.replace("{hat}", hat)


def _what(what):
    return ANNA.replace("{what}", what)


def _street(state, what):
    text = STREET.replace("{state}", state).replace("{what}", what)
    return text + (f"\n Who was too {state}? {what}" if what == "the animal" else "")


def _story(name, she, role, place, thing, colour):
    return f"""
    Who was {role}? {name}
    What was {name}? {role}
    Where did {name} go? to the {place}
    Where did {she} go? to the {place}
    Who went to the {place}? {name}
    What did {name} buy? a {thing}
    What did {she} buy? a {thing}
    Who bought a {thing}? {name}
    How did {name} feel? happy
    Who was happy? {name}
    What colour was the {thing.split()[-1]}? {colour}
    """


TEXTS = [
    Shown("The cat sat on the mat.", "Le chat était assis sur le tapis.", "The cat sat on the mat.", CAT),
    Shown("A cat sat on the mat.", "Un chat était assis sur le tapis.", "A cat sat on the mat.",
          CAT.replace("? the cat", "? a cat")),
    Shown("The cat sat on the mat because it was tired.",
          "Le chat était assis sur le tapis parce qu'il était fatigué.", "The cat sat on the mat.",
          CAT + TIRED),
    Shown("The cat sat because it was tired.", "Le chat était assis parce qu'il était fatigué.",
          "The cat sat.", """
          Who sat? the cat
          What sat? the cat
          What did the cat do? sat
          Why did the cat sit? because it was tired
          Why was the cat sitting? because it was tired
          Who was tired? the cat
          Who is tired? the cat
          What was tired? the cat
          How was the cat? tired
          """),
    Shown("The cat sat in the garden because it was very tired.",
          "Le chat était assis dans le jardin parce qu'il était très fatigué.",
          "The cat sat in the garden.", """
          Who sat in the garden? the cat
          Where did the cat sit? in the garden
          Where was the cat? in the garden
          Why did the cat sit in the garden? because it was very tired
          Why was the cat in the garden? because it was very tired
          Who was very tired? the cat
          Who was tired? the cat
          """),
    Shown("A feline rested on a rug.", "Un félin s'est reposé sur un tapis.",
          "A feline rested on a rug.", """
          Who rested on a rug? a feline
          What rested on a rug? a feline
          What rested on the rug? a feline
          Where did the feline rest? on a rug
          Where did a feline rest? on a rug
          Where was the feline? on a rug
          What did the feline do? rested on a rug
          What was on the rug? a feline
          """),
    Shown("A cat sat on the mat. A feline rested on a rug.",
          "Un chat était assis sur le tapis. Un félin s'est reposé sur un tapis.",
          "A cat sat on the mat and a feline rested on a rug.", """
          Who sat on the mat? a cat
          Where did the cat sit? on the mat
          What rested on the rug? a feline
          Where did the feline rest? on a rug
          """),
    Shown("The animal didn't cross the street because it was too tired.",
          "L'animal n'a pas traversé la rue parce qu'il était trop fatigué.",
          "The animal didn't cross the street.", _street("tired", "the animal")),
    Shown("The animal didn't cross the street because it was too wide.",
          "L'animal n'a pas traversé la rue parce qu'elle était trop large.",
          "The animal didn't cross the street.", _street("wide", "the street")),
    Shown("The animal did not cross the street because it was too tired.",
          "L'animal n'a pas traversé la rue parce qu'il était trop fatigué.",
          "The animal did not cross the street.", _street("tired", "the animal")),
    Shown("Anna is a teacher.", "Anna est professeure.", "Anna is a teacher.", _what("a teacher")),
    Shown("Anna is a young teacher.", "Anna est une jeune professeure.", "Anna is a teacher.",
          _what("a young teacher")),
    Shown("Anna is a teacher. She lives in a small house.",
          "Anna est professeure. Elle habite dans une petite maison.",
          "Anna, a teacher, lives in a small house.", _what("a teacher") + LIVES),
    Shown("Anna is a teacher. She went to the market. She bought a hat.",
          "Anna est professeure. Elle est allée au marché. Elle a acheté un chapeau.",
          "Anna, a teacher, bought a hat at the market.", _what("a teacher") + _market("hat")),
    Shown("Anna is a young teacher. She lives in a small house. In the morning, she went to the "
          "market. She bought a red hat there. She was very happy.",
          "Anna est une jeune professeure. Elle habite dans une petite maison. Le matin, elle est "
          "allée au marché. Elle y a acheté un chapeau rouge. Elle était très heureuse.",
          "Anna, a teacher, bought a red hat at the market and was happy.",
          _what("a young teacher") + LIVES + _market("red hat") + """
          When did Anna go to the market? in the morning
          When did she go to the market? in the morning
          What colour is the hat? red
          What colour was the hat? red
          How did Anna feel? happy
          Who was happy? Anna
          Who was very happy? Anna
          """),
    Shown("Anna, a teacher, bought a red hat at the market and was happy.",
          "Anna, professeure, a acheté un chapeau rouge au marché et était heureuse.",
          "Anna, a teacher, bought a red hat at the market and was happy.", """
          Who bought a red hat? Anna
          What did Anna buy? a red hat
          Where did Anna buy a red hat? at the market
          Where did Anna buy the hat? at the market
          Who was happy? Anna
          """),
    Shown("Anna is a teacher. She bought a red hat. The blue book is under the chair.",
          "Anna est professeure. Elle a acheté un chapeau rouge. Le livre bleu est sous la chaise.",
          "Anna, a teacher, bought a red hat.", _what("a teacher") + """
          What colour is the hat? red
          What colour is the book? blue
          What did Anna buy? a red hat
          Who bought a red hat? Anna
          Where is the book? under the chair
          What is under the chair? the blue book
          """),
    Shown("Once upon a time there was a young teacher named Anna. She had a black cat. She lived in a "
          "small house. In the morning, she went to the market. The sun was shining. She bought a red "
          "hat. She was very happy. Then she went home and slept in her bed. The cat sat on the mat "
          "because it was tired.",
          "Il était une fois une jeune professeure qui s'appelait Anna. Elle avait un chat noir. Elle "
          "habitait dans une petite maison. Le matin, elle est allée au marché. Le soleil brillait. "
          "Elle a acheté un chapeau rouge. Elle était très heureuse. Puis elle est rentrée à la maison "
          "et a dormi dans son lit. Le chat était assis sur le tapis parce qu'il était fatigué.",
          "Anna, a teacher, bought a red hat at the market and was happy.", """
          Who was a teacher? Anna
          Who was a young teacher? Anna
          What was Anna? a young teacher
          Who had a black cat? Anna
          Who had a cat? Anna
          What did Anna have? a black cat
          What colour was the cat? black
          Where did Anna live? in a small house
          Where did she live? in a small house
          Who lived in a small house? Anna
          Where did Anna go in the morning? to the market
          Who went to the market? Anna
          When did Anna go to the market? in the morning
          What was shining? the sun
          What did Anna buy? a red hat
          Who bought a red hat? Anna
          What colour was the hat? red
          Who was happy? Anna
          How did Anna feel? happy
          Who slept in her bed? Anna
          Where did Anna sleep? in her bed
          Who sat on the mat? the cat
          Where did the cat sit? on the mat
          Why did the cat sit on the mat? because it was tired
          Who was tired? the cat
          """),
    Shown("Once upon a time there was a young teacher named Paul. He went to the farm. He bought a big "
          "grey apple. He was very happy.",
          "Il était une fois un jeune professeur qui s'appelait Paul. Il est allé à la ferme. Il a "
          "acheté une grande pomme grise. Il était très heureux.",
          "Paul, a teacher, bought a big grey apple on the farm and was happy.",
          _story("Paul", "he", "a young teacher", "farm", "big grey apple", "grey")),
    Shown("Anna is a young teacher. She lives in a new city. She went to the city. She bought a big grey "
          "apple. She was very happy.",
          "Anna est une jeune professeure. Elle habite dans une nouvelle ville. Elle est allée dans la "
          "ville. Elle a acheté une grande pomme grise. Elle était très heureuse.",
          "Anna, a teacher, bought a big grey apple in the city and was happy.", """
          Where does Anna live? in a new city
          Who lives in a new city? Anna
          What did Anna buy? a big grey apple
          Who was happy? Anna
          """),
    Shown("Tom went to the market.", "Tom est allé au marché.", "Tom went to the market.", """
          Who went to the market? Tom
          Where did Tom go? to the market
          Where did he go? to the market
          """),
    Shown("Tom went to the market. He ate the cake. He was very happy.",
          "Tom est allé au marché. Il a mangé le gâteau. Il était très heureux.",
          "Tom ate the cake at the market and was happy.", """
          Who went to the market? Tom
          Where did Tom go? to the market
          What did Tom eat? the cake
          Who ate the cake? Tom
          Who was happy? Tom
          How did Tom feel? happy
          """),
    Shown("The girl is reading a big red book in the garden.",
          "La fille lit un grand livre rouge dans le jardin.",
          "The girl is reading a big red book in the garden.", """
          Who is reading a book? the girl
          Who is reading in the garden? the girl
          What is the girl reading? a big red book
          What is the girl doing? reading a big red book in the garden
          Where is the girl? in the garden
          Where is the girl reading? in the garden
          Who is in the garden? the girl
          What colour is the book? red
          """),
    Shown("My sister gave him an old key.", "Ma sœur lui a donné une vieille clé.",
          "My sister gave him an old key.", """
          Who gave him an old key? my sister
          Who gave him the key? my sister
          What did my sister give him? an old key
          What did your sister give him? an old key
          Who did my sister give an old key to? him
          """),
    Shown("We never eat the green apples.", "Nous ne mangeons jamais les pommes vertes.",
          "We never eat the green apples.", """
          What do we never eat? the green apples
          Who never eats the green apples? we
          Who never eats the apples? we
          What colour are the apples? green
          """),
    Shown("The stock market fell on {day}.", "Le marché boursier a chuté {day}.",
          "The stock market fell.", """
          What fell on {day}? the stock market
          What fell? the stock market
          When did the stock market fall? on {day}
          When did it fall? on {day}
          What did the stock market do? fell on {day}
          What did the stock market do on {day}? fell
          What happened on {day}? the stock market fell
          """),
    Shown("Opening hours of the {city} office", "Heures d'ouverture du bureau de {city}",
          "Opening hours of the {city} office", """
          Where is the office? {city}
          Which office is it? the {city} office
          What office is it? the {city} office
          What is this? opening hours of the {city} office
          What are these? opening hours of the {city} office
          Whose opening hours are these? the {city} office
          """),
    Shown("I forgot the {code} that lets me log in", "J'ai oublié le {code} qui me permet de me connecter",
          "I forgot the {code}", """
          Who forgot the {code}? I
          What did I forget? the {code} that lets me log in
          What did you forget? the {code} that lets me log in
          What lets me log in? the {code}
          What lets you log in? the {code}
          What does the {code} do? lets me log in
          """),
    Shown("{invoices} are sent on the first of the month",
          "Les {invoices} sont envoyées le premier du mois", "{invoices} are sent", """
          What is sent on the first of the month? {invoices_}
          What are sent on the first of the month? {invoices_}
          What is sent? {invoices_}
          When are {invoices_} sent? on the first of the month
          When are the {invoices_} sent? on the first of the month
          """),
    Shown("How do I reset my {secret}?", "Comment puis-je réinitialiser mon {secret} ?",
          "How do I reset my {secret}?", """
          What do I reset? my {secret}
          What do I want to reset? my {secret}
          What do you want to reset? my {secret}
          Who resets the {secret}? I
          """),
    Shown("All work and no play.", "Que du travail et pas de jeu.", "All work and no play.", """
          What is all? work
          What is there? all work and no play
          """),
    Shown("{attention} is all you need.", "{attention} est tout ce dont vous avez besoin.",
          "{attention} is all you need.", """
          What is all you need? {attention_}
          What do you need? {attention_}
          What is {attention_}? all you need
          Who needs {attention_}? you
          """),
    Shown("The sun was shining.", "Le soleil brillait.", "The sun was shining.", """
          What was shining? the sun
          What was the sun doing? shining
          """),
    Shown("It was a cold day.", "C'était une journée froide.", "It was a cold day.", """
          What was cold? the day
          What was it? a cold day
          """),
    Shown("The sky was blue.", "Le ciel était bleu.", "The sky was blue.", """
          What was blue? the sky
          What colour was the sky? blue
          What color was the sky? blue
          """),
]

# Questions in the documentation, and memorized phrases, with their French translations.
SENTENCES = PHRASES + [
    ("Where does Anna live?", "Où est-ce qu'Anna habite ?"),
    ("Who lives in a small house?", "Qui habite dans une petite maison ?"),
    ("Where did the cat sit?", "Où est-ce que le chat était assis ?"),
    ("Why did the cat sit on the mat?", "Pourquoi est-ce que le chat était assis sur le tapis ?"),
    ("Who is tired?", "Qui est fatigué ?"),
    ("What colour is the hat?", "De quelle couleur est le chapeau ?"),
    ("It was raining.", "Il pleuvait."),
    ("It was late.", "Il était tard."),
    ("Once upon a time", "Il était une fois"),
    ("The cat sat", "Le chat était assis"),
    ("Tom went to the market", "Tom est allé au marché"),
]
