"""Short forms of given names, each of which stands for one name alone.

Data alone. Short forms that may stand for several names (Alex, Chris, Sam) are left out: they are compared as written.
"""

from __future__ import annotations

from collections.abc import Mapping

_FORMS = """
william: bill billy will willy willie liam; robert: bob bobby rob robbie; richard: dick rick ricky richie;
james: jim jimmy jamie; john: johnny jack; thomas: tom tommy; michael: mike mick mickey; joseph: joe joey;
charles: charlie chuck; edward: ed eddie ted teddy; andrew: andy drew; anthony: tony; benjamin: ben benny;
daniel: dan danny; david: dave davy; donald: don donny; douglas: doug; frederick: fred freddy; gregory: greg;
henry: harry hank; jeffrey: jeff; jonathan: jon; joshua: josh; kenneth: ken kenny; lawrence: larry;
matthew: matt; nathaniel: nate; nicholas: nick nicky; peter: pete; philip: phil; raymond: ray; ronald: ron ronnie;
stephen: steve stevie steven; theodore: theo; timothy: tim timmy; vincent: vince; walter: walt; zachary: zach zack;
elizabeth: liz lizzie beth betsy betty eliza; margaret: maggie meg peggy marge; katherine: kate katie kathy kat
kathryn catherine; jennifer: jen jenny; jessica: jess jessie; susan: sue susie; deborah: deb debbie;
barbara: barb; cynthia: cindy; dorothy: dot dottie; jacqueline: jackie; judith: judy; kimberly: kim; pamela: pam;
rebecca: becky becca; sandra: sandy; stephanie: steph; teresa: terry theresa; victoria: vicky tori; abigail: abby
abbie; amanda: mandy; christine: chrissie; eleanor: ellie nell; frances: fran; gabrielle: gabby; isabella: izzy;
johann: hannes johannes hans; wilhelm: willi; heinrich: heinz; friedrich: fritz; josef: sepp jupp;
katharina: kathi kaethe; elisabeth: lisbeth; francisco: paco pancho; jose: pepe; ignacio: nacho; guadalupe: lupe;
alexandre: xandre; giuseppe: beppe; luigi: gigi; giovanni: gianni; vladimir: volodya; dmitri: dima; ekaterina: katya
"""
NICKNAMES: Mapping[str, str] = {
    short: whole.strip()
    for entry in _FORMS.replace("\n", " ").split(";")
    for whole, _colon, shorts in [entry.partition(":")]
    for short in (whole.strip(), *shorts.split())
}
"""The whole name for each short form, and for itself."""
