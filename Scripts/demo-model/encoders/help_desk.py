"""Queries to a help desk, and passages that answer them; {X} is one of the words of the topic."""

# Topic: words, queries, passages.
TOPICS = {
    "password": ("password|PIN|login code", [
        "How do I reset my {X}?", "I forgot my {X}.", "My {X} does not work.", "How can I change my {X}?",
        "Where can I get a new {X}?", "I cannot log in, my {X} is wrong."], [
        "To reset your {X}, click on the link below the login form.",
        "You can change your {X} in the settings of your account.",
        "If you forgot your {X}, we send you a new one by email.",
        "A {X} must have at least eight characters.", "We block a {X} after three wrong entries."]),
    "invoice": ("invoice|bill|receipt", [
        "Where can I find my {X}?", "I need a copy of my {X}.", "How do I download the {X}?",
        "There is a mistake in my {X}.", "When do I get my {X}?", "Can you send me the {X} again?"], [
        "Every {X} is in your account under documents.", "We send the {X} by email on the first day of the month.",
        "You can download each {X} as a PDF file.", "Please write to accounting if your {X} is not correct.",
        "A copy of an {X} is free."]),
    "opening hours": ("shop|office|store", [
        "When does the {X} open?", "What are the opening hours of the {X}?", "Is the {X} open on Sunday?",
        "When do you close the {X}?", "How late is the {X} open?", "Are you open today?"], [
        "The {X} is open from nine to six, Monday to Friday.", "On Saturday the {X} closes at noon.",
        "Our opening hours are on the door of the {X}.", "The {X} is closed on Sunday and on holidays.",
        "We open at eight in the morning."]),
    "delivery": ("parcel|package|order", [
        "Where is my {X}?", "When will my {X} arrive?", "How long does the delivery take?", "My {X} is late.",
        "How can I track my {X}?", "Has my {X} been shipped?"], [
        "The delivery of a {X} takes two to three days.", "You can track your {X} with the number in our email.",
        "We ship every {X} within one day.", "If your {X} does not arrive within a week, please call the courier.",
        "The courier brings the {X} in the afternoon."]),
    "refund": ("money|refund", [
        "How do I get my {X} back?", "When will I get my {X}?", "Can I return a product?",
        "I want to send the shoes back.", "How can I return an item?", "I do not like the product, what can I do?"], [
        "You can return a product within thirty days.", "We pay the {X} back after we receive the item.",
        "Print the return label and send the item back to us.", "The {X} is on your card within five days.",
        "Returns are free if you use our label."]),
    "address": ("address|street|phone number", [
        "How do I change my {X}?", "I moved to a new house.", "My {X} is wrong.", "Can I use another {X}?",
        "Where can I enter my new {X}?", "How can I update my {X}?"], [
        "You can update your {X} in your profile.", "Tell us your new {X} before you move.",
        "Please enter the {X} of your new home under contact details.", "A change of {X} takes one day.",
        "If you moved, please edit your contact details."]),
    "payment": ("credit card|bank transfer|cash", [
        "How can I pay?", "Do you accept {X}?", "Can I pay by {X}?", "Which ways of payment do you offer?",
        "My payment by {X} failed.", "Is it possible to pay with {X}?"], [
        "We accept {X} and other ways of payment.", "You can pay by {X} at the checkout.",
        "A payment by {X} takes one day.", "If your payment failed, please try {X}.",
        "There is no fee for payments by {X}."]),
    "cancel": ("subscription|contract|membership", [
        "How do I cancel my {X}?", "I want to end my {X}.", "When does my {X} end?", "Can I stop my {X}?",
        "How can I terminate the {X}?", "I do not need the {X} any more."], [
        "You can cancel your {X} at the end of each month.", "To end your {X}, write us a letter.",
        "A {X} ends automatically after one year.", "Click on cancel to terminate your {X}.",
        "We confirm the end of the {X} in writing."]),
    "job": ("job|position|internship", [
        "Do you have a {X} for me?", "How can I apply for a {X}?", "Are you hiring?",
        "Where can I send my application?", "I am looking for a {X}.", "Is the {X} still available?"], [
        "Every open {X} is on our careers page.", "Please send your application with a letter for the {X}.",
        "We are hiring engineers and drivers.", "We answer every application for a {X} within two weeks.",
        "You need a university degree for this {X}."]),
    "warranty": ("phone|laptop|printer", [
        "My {X} is broken.", "How long is the warranty of the {X}?", "Can you repair my {X}?",
        "The screen of my {X} is black.", "My {X} does not turn on.", "Who repairs the {X}?"], [
        "The warranty of a {X} is two years.", "Bring the broken {X} to our repair service.",
        "We repair a {X} within ten days.", "If the {X} does not turn on, charge the battery first.",
        "The repair of your {X} is free during the warranty."]),
    "parking": ("car|bicycle|motorbike", [
        "Where can I park my {X}?", "Is there parking for a {X}?", "How much is parking?",
        "Can I come with my {X}?", "Is there a garage for my {X}?", "Where do I leave the {X}?"], [
        "You can park your {X} behind the building.", "Parking for a {X} costs two euros per hour.",
        "The garage is under the building and has space for every {X}.", "There is free parking for customers.",
        "Please lock your {X}, the parking is not guarded."]),
    "language": ("German|French|Spanish", [
        "Is there a manual in {X}?", "Do you speak {X}?", "How do I change the language to {X}?",
        "Is the website available in {X}?", "I need help in {X}.", "Can I read the manual in {X}?"], [
        "You can set the language to {X} in the menu.", "Our staff speaks English and {X}.",
        "The manual is available in {X}.", "Click on the flag to read the website in {X}.",
        "We translate every page into {X}."]),
}
# Facts about cities: the passage must be about the same city.
CITY_TOPICS = {
    "people": (["How many people live in {C}?", "What is the population of {C}?", "How big is {C}?"],
               ["{C} has a population of {N} inhabitants.", "About {N} people live in {C}."]),
    "museum": (["What can I see in {C}?", "Which museums are in {C}?", "What is {C} famous for?"],
               ["{C} is famous for its museums.", "In {C} there are many museums and old churches."]),
    "airport": (["How do I get to {C}?", "Is there an airport in {C}?", "Where is the airport of {C}?"],
                ["The airport of {C} is north of the city.", "You can reach {C} by train or by plane."]),
    "weather": (["How is the weather in {C}?", "Is it warm in {C}?", "Does it rain in {C}?"],
                ["The weather in {C} is warm and sunny.", "In {C} it rains in winter."]),
}
NUMBERS = ["three million", "500000", "two million", "90000", "one million", "800000"]
