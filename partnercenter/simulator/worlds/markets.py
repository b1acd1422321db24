"""The countries invented companies live in: addresses, names, legal forms, currency, telephones.

Cities exist, with postal codes of their area; streets, people and trades are everyday words put
together by chance. In patterns `#` stands for a digit and `@` for a capital letter. Telephone
numbers come from ranges the regulator keeps for fiction (DE, GB, US, FR, SE); the other countries
keep none, there the 555 01xx habit is used with the city's own area code.
"""

from __future__ import annotations

from partnercenter.simulator.worlds.market import City, Market, words

NETHERLANDS = Market(
    country="NL",
    culture="nl-NL",
    currency="EUR",
    symbol="€",
    vat="21",
    top_level="nl",
    share=20,
    street="{street} {number}",
    cities=(
        City("Utrecht", "35## @@", "03055501##"),
        City("Rotterdam", "30## @@", "01055501##"),
        City("Amsterdam", "10## @@", "02055501##"),
        City("'s-Hertogenbosch", "52## @@", "07355501##"),
        City("Groningen", "97## @@", "05055501##"),
        City("Zwolle", "80## @@", "03855501##"),
        City("Eindhoven", "56## @@", "04055501##"),
    ),
    streets=words(
        "Molenweg, Havenstraat, Lindelaan, Kanaaldijk, Tulpenplein, Zonnehof, Pastoor Vosstraat"
    ),
    legal_forms=words("B.V., B.V., B.V., N.V., VOF, Holding B.V., Coöperatie U.A."),
    trades=words(
        "Logistiek, Bouw, Techniek, Advocaten, Makelaardij, Zorg, Installaties, Catering, "
        "Accountants, Media, Tuinen, Transport, Kozijnen, Fietsen, Bakkerij"
    ),
    first_names=words("Sanne, Daan, Femke, Jeroen, Noor, Thijs, Anouk, Ruben, Marloes, Joëlle"),
    last_names=words("de Wit, van Loon, Hoekstra, Dijkman, Brouns, Tersteeg, Velthuis, Koolen"),
)

GERMANY = Market(
    country="DE",
    culture="de-DE",
    currency="EUR",
    symbol="€",
    vat="19",
    top_level="de",
    share=22,
    street="{street} {number}",
    cities=(
        City("Berlin", "10###", "03023125###"),
        City("Hamburg", "20###", "04066969###"),
        City("Köln", "50###", "02214710###"),
        City("München", "80###", "08999998###"),
        City("Frankfurt am Main", "60###", "06990009###"),
    ),
    streets=words(
        "Lindenstraße, Mühlenweg, Am Güterbahnhof, Schloßgasse, Hafenallee, Gewerbering, Eschenweg"
    ),
    legal_forms=words("GmbH, GmbH, GmbH, GmbH & Co. KG, AG, OHG, e.K., UG (haftungsbeschränkt)"),
    trades=words(
        "Maschinenbau, Logistik, Bäckerei, Steuerberatung, Gebäudetechnik, Werkzeuge, Möbel, "
        "Elektrotechnik, Brauerei, Pflege, Verlag, Gartenbau, Metallbau, Dachdecker, Optik"
    ),
    first_names=words("Jürgen, Anke, Matthias, Heike, Sören, Katrin, Björn, Ulrike, Jonas, Zoë"),
    last_names=words("Hölkemeyer, Brandtner, Grünewald, Voß, Lüttich, Rademacher, Öhler, Scheffke"),
)

BELGIUM = Market(
    country="BE",
    culture="nl-BE",
    currency="EUR",
    symbol="€",
    vat="21",
    top_level="be",
    share=8,
    street="{street} {number}",
    cities=(
        City("Gent", "90##", "0955501##"),
        City("Antwerpen", "20##", "0355501##"),
        City("Liège", "40##", "0455501##"),
        City("Brugge", "80##", "05055501#"),
    ),
    streets=words("Kouterdreef, Steenweg, Rue du Verger, Vlasmarkt, Quai des Tanneurs, Wilgenpad"),
    legal_forms=words("BV, BV, NV, CV, SRL, SA"),
    trades=words("Textiel, Brouwerij, Chocolaterie, Menuiserie, Verzekeringen, Drukkerij, Zuivel"),
    first_names=words("Lieven, Elke, Bavo, Céline, Wout, Amélie, Griet, Maxime"),
    last_names=words("Verstraeten, Goossens, Delcourt, Vandamme, Lemaire, De Clerck, Huyghe"),
)

NORWAY = Market(
    country="NO",
    culture="nb-NO",
    currency="NOK",
    symbol="kr",
    vat="25",
    top_level="no",
    share=7,
    street="{street} {number}",
    cities=(
        City("Oslo", "05##", "225501##"),
        City("Bergen", "50##", "555501##"),
        City("Tromsø", "90##", "775501##"),
        City("Ålesund", "60##", "705501##"),
    ),
    streets=words("Fjordgata, Skogveien, Bryggesvingen, Kirkebakken, Sjøgata, Granåsen"),
    legal_forms=words("AS, AS, AS, ASA, ENK, DA"),
    trades=words("Sjømat, Rør, Eiendom, Bygg, Regnskap, Verksted, Trelast, Reiser, Rederi"),
    first_names=words("Ingrid, Håkon, Solveig, Øystein, Marit, Lars, Åse, Eirik"),
    last_names=words("Nordlid, Hågensen, Bråten, Sæther, Kvamme, Lødemel, Tangvik"),
)

SWEDEN = Market(
    country="SE",
    culture="sv-SE",
    currency="SEK",
    symbol="kr",
    vat="25",
    top_level="se",
    share=8,
    street="{street} {number}",
    cities=(
        City("Göteborg", "41# ##", "031390060#"),
        City("Malmö", "21# ##", "040628040#"),
        City("Stockholm", "11# ##", "08465004##"),
        City("Kiruna", "981 ##", "09803192##"),
    ),
    streets=words("Björkgatan, Hamnvägen, Slussplan, Ängsvägen, Norra Kajen, Tallbacken"),
    legal_forms=words("AB, AB, AB, HB, KB, Ekonomisk förening"),
    trades=words("Snickeri, Åkeri, Redovisning, Fönster, Möbler, Bryggeri, El, Städ, Konsult"),
    first_names=words("Åsa, Göran, Linnéa, Fredrik, Maja, Örjan, Elin, Viktor"),
    last_names=words("Lindqvist, Bergöö, Sjölander, Åkerblom, Hallgren, Wikander, Dahlstrand"),
)

DENMARK = Market(
    country="DK",
    culture="da-DK",
    currency="DKK",
    symbol="kr.",
    vat="25",
    top_level="dk",
    share=6,
    street="{street} {number}",
    cities=(
        City("København K", "11##", "335501##"),
        City("Aarhus C", "80##", "865501##"),
        City("Odense C", "50##", "665501##"),
        City("Ærøskøbing", "5970", "625501##"),
    ),
    streets=words("Havnegade, Bøgevej, Kirkestræde, Søndergade, Rosenallé, Møllevangen"),
    legal_forms=words("ApS, ApS, A/S, I/S, P/S"),
    trades=words("Tømrer, Revision, Mejeri, Køkken, Spedition, Ejendomme, Værktøj, Bageri"),
    first_names=words("Mette, Søren, Kirsten, Jørgen, Freja, Asger, Bodil, Mikkel"),
    last_names=words("Overgaard, Skjødt, Nørlund, Bækgaard, Holm-Ravn, Kjeldbjerg, Thorup"),
)

UNITED_KINGDOM = Market(
    country="GB",
    culture="en-GB",
    currency="GBP",
    symbol="£",
    vat="20",
    top_level="co.uk",
    share=10,
    street="{number} {street}",
    cities=(
        City("Leeds", "LS# #@@", "01134960###"),
        City("Bristol", "BS# #@@", "01174960###"),
        City("London", "SE# #@@", "02079460###"),
        City("Manchester", "M# #@@", "01614960###"),
        City("Edinburgh", "EH# #@@", "01314960###"),
    ),
    streets=words("Tannery Lane, Quayside, Orchard Row, Kiln Street, Abbot's Yard, Weir Road"),
    legal_forms=words("Ltd, Ltd, Limited, PLC, LLP, CIC"),
    trades=words(
        "Joinery, Freight, Solicitors, Lettings, Bakery, Engineering, Opticians, Plumbing, Brewing"
    ),
    first_names=words("Imogen, Callum, Priya, Gareth, Siobhán, Owen, Harriet, Kwame"),
    last_names=words("O'Dowd, Penhallow, Ashworth, Mehta-Lane, Thorley, Crabbe, Winstan"),
)

UNITED_STATES = Market(
    country="US",
    culture="en-US",
    currency="USD",
    symbol="$",
    vat="0",
    top_level="com",
    share=9,
    street="{number} {street}",
    cities=(
        City("Portland", "9720#", "50355501##", "OR"),
        City("Austin", "7870#", "51255501##", "TX"),
        City("Columbus", "4320#", "61455501##", "OH"),
        City("Spokane", "9920#", "50955501##", "WA"),
        City("Albany", "1220#", "51855501##", "NY"),
    ),
    streets=words("Juniper Ave, Old Mill Rd, Harbor Blvd, W Cedar St, Prospect Dr, Foundry Way"),
    legal_forms=words("LLC, LLC, Inc., Inc., Corp., LP"),
    trades=words("Roofing, Dental, Realty, Freight, Orchards, Plumbing, Legal, Robotics, Catering"),
    first_names=words("Maribel, Trent, Aisha, Curtis, Renée, Hollis, José, Dana"),
    last_names=words("Ocasio-Reed, Whitlow, Tran, Beckstrom, Núñez, Calloway, Pruitt"),
)

FRANCE = Market(
    country="FR",
    culture="fr-FR",
    currency="EUR",
    symbol="€",
    vat="20",
    top_level="fr",
    share=6,
    street="{number} {street}",
    cities=(
        City("Lyon", "6900#", "04657100##"),
        City("Nantes", "4400#", "02619100##"),
        City("Lille", "5900#", "03530100##"),
        City("Bordeaux", "3300#", "05364900##"),
        City("Saint-Étienne", "4200#", "04657101##"),
    ),
    streets=words("rue des Tilleuls, quai de l'Écluse, allée du Château, impasse du Moulin"),
    legal_forms=words("SARL, SARL, SAS, SA, EURL, SCOP"),
    trades=words("Menuiserie, Boulangerie, Génie Civil, Pépinières, Conseil, Façades, Traiteur"),
    first_names=words("Élodie, François, Maëlle, Gaël, Hélène, Benoît, Chloé, Rémi"),
    last_names=words("Lefèvre-Roux, Bérard, Châtelain, Gaubert, Mallet, Aubrée, Thévenot"),
)

POLAND = Market(
    country="PL",
    culture="pl-PL",
    currency="EUR",
    symbol="€",
    vat="23",
    top_level="pl",
    share=4,
    street="ul. {street} {number}",
    cities=(
        City("Kraków", "30-###", "12555010#"),
        City("Łódź", "90-###", "42555010#"),
        City("Wrocław", "50-###", "71555010#"),
        City("Gdańsk", "80-###", "58555010#"),
    ),
    streets=words("Lipowa, Młyńska, Żeglarska, Sosnowa, Źródlana, Ogrodowa"),
    legal_forms=words("Sp. z o.o., Sp. z o.o., S.A., Sp. k., Sp. j."),
    trades=words("Budownictwo, Piekarnia, Księgowość, Meble, Okna, Odlewnia, Spedycja, Stolarka"),
    first_names=words("Małgorzata, Paweł, Agnieszka, Łukasz, Żaneta, Grzegorz, Zofia, Michał"),
    last_names=words("Wójtowicz, Gołębiewska, Śliwa, Żurawski, Dąbek, Piłat, Kędzierska"),
)

MARKETS: tuple[Market, ...] = (
    NETHERLANDS,
    GERMANY,
    BELGIUM,
    NORWAY,
    SWEDEN,
    DENMARK,
    UNITED_KINGDOM,
    UNITED_STATES,
    FRANCE,
    POLAND,
)

MARKET_OF: dict[str, Market] = {market.country: market for market in MARKETS}
