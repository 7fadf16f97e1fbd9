"""Sentences about subjects, for toy-topics and toy-nli: about none, one or two subjects.

A clause has words of its subject only. Two subjects are in two clauses or in two sentences.
"""

from lexicon import MEN, WOMEN

# For each subject: noun phrases, and clauses with {X} for a phrase and {N} for a person.
SUBJECTS = {
    "food": ("the soup|the pizza|the bread|a fresh salad|the cheese|the cake|rice and fish|the chocolate|a sandwich|"
             "the pasta|an omelette|the apples",
             "{N} cooks {X}|{N} eats {X}|we ate {X} for dinner|{X} tastes delicious|the restaurant serves {X}|"
             "the chef prepared {X}|{N} baked {X} in the oven|the recipe for {X} is simple|{N} was hungry and ordered {X}"),
    "travel": ("Paris|Rome|Spain|Japan|the island|the coast|Greece|Egypt|Norway|the mountains",
               "{N} flew to {X}|{N} booked a flight to {X}|we spent our holiday in {X}|the train to {X} leaves at noon|"
               "{N} packed a suitcase for {X}|the tourists visited {X}|the journey to {X} was long|"
               "{N} needs a passport and a ticket for {X}|our hotel in {X} was full"),
    "weather": ("the north|the south|the morning|the afternoon|the valley|the hills|the evening|the winter",
                "it rains in {X}|it is snowing in {X}|the sun shines in {X}|a storm is coming in {X}|"
                "it was cloudy and windy in {X}|the temperature falls in {X}|there is thick fog in {X}|"
                "the forecast says rain for {X}|it will be warm and sunny in {X}"),
    "music": ("the song|the violin|the guitar|the piano|a melody|the opera|the symphony|the drums|an album|jazz",
              "{N} plays {X}|{N} sings and plays {X}|the orchestra practised with {X}|the band recorded {X}|"
              "{N} listens to {X}|{X} sounded beautiful at the concert|the singer loves {X}|{N} composed music for {X}|"
              "the choir heard {X}"),
    "sport": ("the match|the race|the tennis final|the football game|the championship|the marathon|the tournament|"
              "the basketball game|the swimming contest",
              "{N} won {X}|our team lost {X}|the players trained for {X}|{N} scored a goal in {X}|"
              "the coach was proud after {X}|the athletes ran in {X}|{N} watched {X} in the stadium|"
              "the referee stopped {X}|{N} got a medal in {X}"),
    "work": ("the report|the contract|the project|the meeting|the budget|the office|the salary|the customer|the deadline",
             "{N} talked to the boss about {X}|{N} finished {X} for the company|the manager asked about {X}|"
             "the colleagues discussed {X}|{N} has a new job and likes {X}|the employees complained about {X}|"
             "{N} wrote an email about {X}|the secretary prepared {X}|our department is responsible for {X}"),
    "animals": ("the dog|the cat|the horse|a rabbit|the elephant|the birds|the sheep|a goat|the lion|the puppy",
                "{X} slept in the barn|{N} feeds {X}|{X} has soft fur|{N} saw {X} in the zoo|the vet looked at {X}|"
                "{X} chased its tail|{N} keeps {X} as a pet|{X} barked at the kitten|the farmer milked the cow near {X}"),
    "health": ("the fever|the cough|a headache|the flu|the wound|the broken leg|the infection|an allergy|the pain",
               "the doctor treated {X}|{N} takes medicine for {X}|the nurse asked about {X}|"
               "{N} went to the hospital with {X}|the patient has {X}|{N} is ill because of {X}|"
               "the clinic can cure {X}|{N} needs pills for {X}|the vaccine helps against {X}"),
    "politics": ("the law|the tax|the election|the treaty|the vote|the reform|the crisis|the border",
                 "the president signed {X}|the parliament debated {X}|the minister defended {X}|"
                 "the government announced {X}|the senator opposed {X}|the party campaigned for {X}|"
                 "the mayor criticised {X}|the citizens protested against {X}|the candidate spoke about {X}"),
    "school": ("the exam|the homework|the lesson|mathematics|history|the essay|grammar|the test",
               "the teacher explained {X}|the pupils studied {X}|the students passed {X}|{N} failed {X} in class|"
               "the professor gave a lecture about {X}|{N} learns {X} for the university|"
               "the class had {X} on the blackboard|{N} wrote {X} with a pencil|the textbook has a chapter on {X}"),
}
# Clauses about no subject.
OTHER = ("{N} is tall|the box is on the table|{N} lives here|{N} has a red hat|the door was open|it is late|"
         "{N} and {N} are friends|the room is small|{N} was happy|the key is under the chair|{N} forgot the name|"
         "the street is long|{N} waited for an hour|nobody knew the answer|the lamp is broken|{N} bought a new chair|"
         "the house has a blue roof|{N} told a long story|they came back yesterday|{N} smiled|the clock is slow")


def clause(random, subject):
    """A clause about a subject, or about none."""
    if subject is None:
        text = random.choice(OTHER.split("|"))
    else:
        phrases, clauses = (part.split("|") for part in SUBJECTS[subject])
        text = random.choice(clauses).replace("{X}", random.choice(phrases))
    while "{N}" in text:
        text = text.replace("{N}", random.choice(WOMEN + MEN + ["she", "he", "my sister", "my brother"]), 1)
    return text


def sentence(random, names, share_none=0.2, share_two=0.3):
    """A text and the set of its subjects, of at most two."""
    draw = random.random()
    chosen = [] if draw < share_none else random.sample(names, 2 if draw > 1 - share_two else 1)
    clauses = [clause(random, name) for name in chosen]
    if not chosen or len(chosen) == 1 and random.random() < 0.3:
        clauses.append(clause(random, None))
        if len(clauses) == 1 and random.random() < 0.3:
            clauses.append(clause(random, None))
        random.shuffle(clauses)
    joint = random.choice([", and ", ", but ", " because ", ". ", ". ", " and "])
    text = clauses[0]
    for other in clauses[1:]:
        text += joint + (capitalised(other) if joint == ". " else other)
    return capitalised(text) + random.choice([".", ".", ".", ".", "!", ""]), set(chosen)


def capitalised(text):
    return text[0].upper() + text[1:]
