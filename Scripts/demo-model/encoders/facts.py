"""Facts that toys know: capitals, colours of things, and sounds of animals."""

CAPITALS = [
    ("Paris", "France"), ("Berlin", "Germany"), ("Rome", "Italy"), ("Madrid", "Spain"),
    ("London", "England"), ("Vienna", "Austria"), ("Lisbon", "Portugal"), ("Warsaw", "Poland"),
    ("Athens", "Greece"), ("Dublin", "Ireland"), ("Oslo", "Norway"), ("Stockholm", "Sweden"),
    ("Tokyo", "Japan"), ("Ottawa", "Canada"), ("Cairo", "Egypt"), ("Delhi", "India"),
]
# Cities in which people live; the last four are not capitals.
CITIES = [city for city, _ in CAPITALS] + ["Berkeley", "Munich", "Boston", "Sydney"]

COLOURS = [
    ("sky", "blue"), ("sea", "blue"), ("grass", "green"), ("snow", "white"), ("milk", "white"),
    ("blood", "red"), ("coal", "black"), ("sun", "yellow"), ("chocolate", "brown"), ("gold", "yellow"),
    ("night", "black"),
]
FRUITS = [("banana", "yellow"), ("tomato", "red"), ("lemon", "yellow"), ("cherry", "red"),
          ("cucumber", "green"), ("carrot", "orange"), ("strawberry", "red")]

# Animal, plural, what it does, what it says, and its young.
SOUNDS = [
    ("dog", "dogs", "bark", "barks", "woof", "puppy"), ("cat", "cats", "meow", "meows", "meow", "kitten"),
    ("cow", "cows", "moo", "moos", "moo", "calf"), ("duck", "ducks", "quack", "quacks", "quack", "duckling"),
    ("bird", "birds", "sing", "sings", "tweet", "chick"), ("lion", "lions", "roar", "roars", "roar", "cub"),
    ("horse", "horses", "neigh", "neighs", "neigh", "foal"),
    ("sheep", "sheep", "bleat", "bleats", "baa", "lamb"), ("pig", "pigs", "grunt", "grunts", "oink", "piglet"),
]
