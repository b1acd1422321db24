"""What words of company names, addresses and prefixes are worth, as lists.

Legal forms of all countries come from cleanco, with those it lacks. The other lists are written
from what resellers' customer lists look like.
"""

import re

from cleanco.termdata import terms_by_country, terms_by_type

from organizations.suggestions.matching.letters import fold, settle

_INITIALISM = re.compile(r"\b(?:[^\W\d_][./])+[^\W\d_]\b(?!\w)")
_SEPARATOR = re.compile(r"[./\s]")
_WORD = re.compile(r"[^\W_]+")


def split_words(text: str) -> list[str]:
    """Return the folded words of ``text``, initialisms such as "S.p.A." as one word."""
    folded = fold(text)
    if "." in folded or "/" in folded:
        folded = _INITIALISM.sub(lambda found: _SEPARATOR.sub("", found[0]), folded)
    return [settle(word) for word in _WORD.findall(folded)]


def _phrases(*phrases: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(split_words(phrase)) for phrase in phrases if split_words(phrase))


def _set(text: str) -> frozenset[str]:
    return frozenset(settle(fold(word)) for word in text.split())


_NOT_LEGAL = _phrases(
    *("uk", "ok", "at", "et", "og", "ba", "bl", "da", "sd", "ei", "ep", "fa", "pp", "sem", "vat"),
    *("dat", "kt", "ses", "ps", "stg", "qk", "ent", "private", "etat", "obrt", "coop", "oe"),
    *("nl", "eu", "ca", "me", "ip", "is", "ss", "ee", "gs", "gp", "mb", "ij", "as oy"),
)
"""Forms that are more often a word of the name, a place or a person's initials."""
LEGAL = (
    _phrases(
        *(term for terms in terms_by_country.values() for term in terms),
        *(term for terms in terms_by_type.values() for term in terms),
        *("gmbh & co kg", "gmbh & co", "mbh", "ug", "ug haftungsbeschrankt", "se", "ltd co", "eg"),
        *("co ltd", "company limited", "co limited", "pty limited", "proprietary limited", "pty"),
        *("private limited", "pvt ltd", "pvt", "pte limited", "sdn bhd", "berhad", "tbk", "cv"),
        *("aps", "ivs", "a m b a", "oyj", "oy ab", "ab publ", "abp", "ehf", "hf", "ohf", "slf"),
        *("sa de cv", "s de rl de cv", "sab de cv", "sapi de cv", "sas", "srl", "srls", "spa"),
        *("bv", "nv", "bvba", "bv/srl", "commv", "cvba", "sca", "scop", "eirl", "eireli", "me"),
        *("dac", "clg", "cuc", "uc", "teoranta", "cyf", "ccc", "limited liability company"),
        *("kft", "zrt", "nyrt", "bt", "doo", "dd", "ad", "ood", "eood", "ead", "sro", "vos", "zs"),
        *("sp zoo", "sp z oo", "spolka z oo", "spolka akcyjna", "sp j", "sp k", "ska", "psa"),
        *("akciova spolecnost", "aktiebolag", "aktiengesellschaft", "aktieselskab"),
        *("aksjeselskap", "anpartsselskab", "osakeyhtio", "naamloze vennootschap"),
        *("gesellschaft mit beschrankter haftung", "besloten vennootschap", "sociedad anonima"),
        *("societe anonyme", "societa per azioni", "sociedade anonima", "incorporated", "inc"),
        *("as", "asa", "ltd sti", "limited sirketi", "anonim sirketi", "jsc", "pjsc", "ojsc"),
        *("cjsc", "llc", "ооо", "оао", "зао", "пао", "ао", "ип", "тов", "фоп", "еоод", "оод"),
        *("μονοπροσωπη ικε", "ικε", "επε", "αε", "wll", "fze", "fzco", "fz llc", "dmcc", "saoc"),
        *("bsc", "ksc", "psc", "kk", "gk", "yk", "sarl au", "suarl", "gie", "asbl", "vzw", "ivzw"),
        *("sia", "uab", "ou", "as oy", "lp", "llp", "lllp", "pllc", "pc", "plc", "l p", "ap s"),
        *("corp", "corporation", "co", "company", "companies", "cos", "and co", "limited", "ltda"),
    )
    - _NOT_LEGAL
)
LONGEST_LEGAL = max(map(len, LEGAL))
LEADING_LEGAL = _set("pt ooo oao zao pao ao tov fop uab sia sc srl soc")
"""Forms that some countries write before the name."""
INNER_LEGAL = _set("inc incorporated corp corporation ltd limited llc gmbh plc pty pte llp")
"""Forms that are no name wherever they stand."""
MISSPELT_LEGAL = (
    *("incorporated", "corporation", "limited", "company", "holdings", "holding", "international"),
)
"""Long enough to be known with one slip in them."""
DOUBLED_LEGAL = frozenset(["inc", "llc", "ltd", "corp", "gmbh", "plc"])
"""Known with one letter too many."""
IDEOGRAPHIC_LEGAL = re.compile(
    "股份有限公司|有限责任公司|有限責任公司|有限公司|株式会社|有限会社|合同会社|주식회사|㈜|\\(주\\)|公司"
)
LEGAL_FAMILY = {
    fold(word): family
    for family, written in {
        "limited": "ltd limited pte pty pvt ltda lda bhd sdn",
        "inc": "inc incorporated corp corporation co company",
        "llc": "llc",
        "plc": "plc",
        "gmbh": "gmbh ug mbh",
        "ag": "ag",
        "ab": "ab aktiebolag publ",
        "as": "as asa",
        "aps": "aps",
        "oy": "oy oyj",
        "bv": "bv bvba",
        "nv": "nv",
        "sa": "sa",
        "sas": "sas sasu",
        "sarl": "sarl suarl",
        "srl": "srl srls",
        "spa": "spa",
        "kg": "kg",
        "sl": "sl slu",
        "doo": "doo",
        "zoo": "zoo",
        "sro": "sro",
        "kft": "kft",
    }.items()
    for word in written.split()
}
"""Forms that are one form in two spellings; forms outside the table tell nothing."""

JOINING = _set("and und et och en ja & the")
LOOSE = _set(
    "holding holdings group gruppe gruppen groupe grupo gruppo international intl hq main"
    " headquarters headquarter konzern koncern hauptsitz company companies"
)
"""Words that the same company writes in one place and leaves out in another."""
COMMON = _set(
    "solutions solution services service systems system technologies technology tech consulting"
    " software data digital media bank bancorp bancshares financial finance capital partners"
    " industries industrial medical health healthcare pharma pharmaceuticals therapeutics bio"
    " biosciences sciences global trust national first american united new energy power water"
    " resources properties property realty real estate insurance management marketing design"
    " construction engineering manufacturing foods food logistics transport auto motors school"
    " university college city county foundation association club church studio studios agency"
    " advisors advisory legal law accounting networks network communications telecom security"
    " bau technik handel vertrieb verwaltung immobilien versicherung konsult bygg eiendom regnskap"
    " invest eiendoms entreprise conseil gestion servicios consultores acquisition labs"
)
"""Words so frequent among companies that sharing one says little even in a short list."""
BRANCHES = _set(
    "nordic nordics scandinavia iberia benelux baltic baltics dach emea apac amer americas latam"
    " europe european asia asian africa african america oceania pacific atlantic mena gulf balkan"
    " north south east west northern southern eastern western central nord sud ost est ovest norte"
    " sur sul oeste midwest northeast northwest southeast southwest overseas"
    " sweden sverige norway norge denmark danmark finland suomi iceland germany deutschland austria"
    " osterreich switzerland schweiz suisse svizzera netherlands nederland holland belgium belgie"
    " belgique luxembourg france spain espana portugal italy italia greece hellas cyprus malta uk"
    " britain england scotland wales ireland poland polska czech czechia slovakia slovensko hungary"
    " magyarorszag romania bulgaria croatia hrvatska slovenia serbia srbija bosnia estonia eesti"
    " latvia latvija lithuania lietuva ukraine ukraina russia turkey turkiye israel egypt morocco"
    " maroc tunisia nigeria kenya ghana dubai uae emirates qatar saudi kuwait india pakistan"
    " bangladesh china hongkong kong taiwan japan nippon korea singapore malaysia indonesia"
    " thailand vietnam philippines australia zealand nz canada usa us mexico brazil brasil"
    " argentina chile colombia peru london paris berlin hamburg munchen munich wien vienna zurich"
    " geneva geneve stockholm goteborg malmo oslo bergen copenhagen kobenhavn aarhus helsinki"
    " amsterdam rotterdam brussels milano roma madrid barcelona lisboa warszawa praha budapest"
    " labs lab laboratories logistics logistik logistiikka energy energi energie foundation"
    " stiftung stiftelse fondation fundacion consulting solutions systems digital"
    " media retail trading trade real estate properties property immobilien finance financial"
    " invest investment investments investors capital ventures leasing insurance academy training"
    " school engineering construction manufacturing production distribution transport shipping"
    " marine aviation security healthcare health medical pharma foods events travel sport sports"
    " technology technologies tech software data cloud it ict consulting advisory legal staffing"
    " research development rd institute studio studios design marketing sales vertrieb handel"
    " operations management verwaltung beteiligungs produktion projects innovation"
)
"""Words by which sister companies of one name differ."""

FREE_MAIL = frozenset(
    [
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"),
        *("yahoo.com", "ymail.com", "rocketmail.com", "icloud.com", "me.com", "mac.com"),
        *("aol.com", "gmx.com", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "mail.com"),
        *("t-online.de", "freenet.de", "arcor.de", "posteo.de", "mailbox.org", "proton.me"),
        *("protonmail.com", "protonmail.ch", "pm.me", "tutanota.com", "tuta.com", "tuta.io"),
        *("zoho.com", "zohomail.com", "fastmail.com", "hey.com", "yandex.ru", "yandex.com"),
        *("mail.ru", "bk.ru", "inbox.ru", "list.ru", "rambler.ru", "ukr.net", "i.ua", "abv.bg"),
        *("seznam.cz", "centrum.cz", "email.cz", "wp.pl", "o2.pl", "onet.pl", "interia.pl"),
        *("orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "neuf.fr", "bbox.fr"),
        *("libero.it", "virgilio.it", "alice.it", "tin.it", "tiscali.it", "pec.it", "telenet.be"),
        *("skynet.be", "ziggo.nl", "kpnmail.nl", "planet.nl", "xs4all.nl", "home.nl", "hetnet.nl"),
        *("telia.com", "online.no", "bluewin.ch", "aon.at", "chello.at", "btinternet.com"),
        *("sky.com", "virginmedia.com", "ntlworld.com", "blueyonder.co.uk", "talktalk.net"),
        *("comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net"),
        *("charter.net", "earthlink.net", "rogers.com", "shaw.ca", "sympatico.ca", "telus.net"),
        *("bigpond.com", "optusnet.com.au", "iinet.net.au", "xtra.co.nz", "qq.com", "163.com"),
        *("126.com", "sina.com", "foxmail.com", "aliyun.com", "naver.com", "daum.net"),
        *("hanmail.net", "rediffmail.com", "uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br"),
        *("walla.co.il", "walla.com", "netvision.net.il", "bezeqint.net", "012.net.il"),
        *("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "yahoo.co.jp", "hotmail.co.uk"),
        *("hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es", "live.co.uk", "live.se"),
        *("live.no", "live.dk", "live.nl", "live.fr", "yahoo.co.uk", "yahoo.fr", "yahoo.de"),
        *("yahoo.it", "yahoo.es", "yahoo.ca", "yahoo.com.br", "outlook.de", "outlook.fr"),
        *("example.com", "example.net", "example.org", "onmicrosoft.com", "microsoft.com"),
    ]
)
"""Domains of mail and of examples: sharing one says nothing about who somebody is."""
ROLES = _set(
    "admin administrator info it mail office contact kontakt post postmaster support helpdesk sales"
    " billing invoice invoices accounts accounting finance hello team service noreply"
    " microsoft m365 o365 licences licenses licensing csp tenant root webmaster hostmaster ict"
)
"""Local parts of addresses that name a task, not a company."""
PREFIX_ENDINGS = (
    *("m365", "o365", "365", "online", "cloud", "tenant", "office", "global", "holdings"),
    *("holding", "group", "company", "corp", "gmbh", "ltd", "inc", "llc", "plc", "pty", "pte"),
    *("spa", "srl", "sas", "aps", "com", "net", "org", "int", "hq", "it", "ms", "ag", "ab", "as"),
    *("oy", "bv", "nv", "sa", "co", "kg"),
)
"""What people append to their name when it is taken as a prefix of onmicrosoft.com."""
