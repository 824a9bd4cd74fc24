"""People, organisations and services for tests and the demonstration. All of them are invented:
no such person lives, no such organisation exists. Telephone numbers are of the ranges that Ofcom
keeps free for drama; National Insurance numbers begin with QQ, which is never allocated."""

import json
import uuid
import zlib

PASSWORD = "correct horse battery staple"

# What of the client is searched for where it must not be.
PLANTED = ["Perpetua", "Quimblethwaite", "Thistledown Ginnel", "QQ123456C", "07700 900461"]

OFFICES = {
    "jcp-leeds": "Jobcentre Plus, Leeds (invented)",
    "jcp-bradford": "Jobcentre Plus, Bradford (invented)",
}
PROVIDERS = {
    "aire-valley": "Aire Valley Condition Management (invented)",
    "armley-debt-desk": "Armley Debt Desk (invented)",
    "spen-surgery": "Spen Surgery (invented)",
}


def client(given="Perpetua", family="Quimblethwaite", **more):
    """client.json"""
    return {"given_name": given, "family_name": family, "date_of_birth": "1969-04-12",
            "national_insurance_number": "QQ123456C", "phone": "07700 900461",
            "email": f"{given}.{family}@example.org".lower(),
            "address": ["17 Thistledown Ginnel", "Leeds"], "postcode": "LS1 4AP",
            "needs": ["pain", "confidence"], "language": "en", **more}


def referral(**more):
    """referral.json"""
    return {"need": "Back pain since a fall; wants to manage a working day again",
            "hoped_for": ["Manage the pain through a working day", "Go back to my own job"],
            "effects": "Cannot sit for longer than half an hour",
            "tried": "Exercises from the surgery, six weeks", "urgency": "routine", **more}


def service(name, organisation, *, description, needs, latitude, longitude, place, kind,
            contracted=False, intake=(), places_free=None, expected_wait=""):
    """service.json: an Open Referral UK 3.0 service."""
    def name_of(what):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/{name}/{what}"))
    liaison = {"needs": list(needs), "kind": kind, "contracted": contracted,
               "intake": [{"id": key, "text": text, "required": required}
                          for key, text, required in intake],
               "how_to_refer": "Formal referral over the exchange", "reply_time_days": 2,
               "capacity": {"expected_wait": expected_wait}}
    if places_free is not None:
        liaison["capacity"]["places_free"] = places_free
    return {
        "id": name_of("service"), "name": name, "description": description, "status": "active",
        "email": "referrals@example.org",
        "organization": {"id": name_of("organisation"), "name": organisation,
                         "description": f"{organisation}, for demonstrations"},
        "service_at_locations": [{
            "id": name_of("at"),
            "location": {"id": name_of("location"), "location_type": "physical", "name": place,
                         "latitude": latitude, "longitude": longitude}}],
        "contacts": [{"id": name_of("contact"), "name": "Referrals desk",
                      "title": "First contact"}],
        "liaison": liaison}


SERVICES = {
    "aire-valley": service(
        "Condition management", PROVIDERS["aire-valley"], kind="condition management",
        description="Managing pain, low mood and sleep; groups and one to one.",
        needs=["pain", "low mood or anxiety", "tiredness or sleep"], contracted=True,
        place="Seacroft", latitude=53.8226, longitude=-1.4606, places_free=4,
        expected_wait="starts 12 May",
        intake=[("gp_name", "Name of the client's GP", True),
                ("daily_life", "Effects on daily life", True)]),
    "armley-debt-desk": service(
        "Debt advice", PROVIDERS["armley-debt-desk"], kind="charity, money advice",
        description="Free and independent advice about debt and budgeting.",
        needs=["debt", "budgeting"], place="Armley", latitude=53.7965, longitude=-1.5900,
        expected_wait="two weeks"),
    "spen-surgery": service(
        "Work clinic", PROVIDERS["spen-surgery"], kind="GP-led",
        description="A GP-led clinic about health and work, on Wednesdays.",
        needs=["long-term condition", "going back to my own job"], place="Cleckheaton",
        latitude=53.7240, longitude=-1.7130, places_free=4),
}


def as_file(directory, name, value):
    """Writes a record where a command can read it; the path."""
    path = directory / name
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode("utf-8"))
    return path


def pdf(text):
    """A document of one page that says `text`."""
    stream = zlib.compress(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("ascii"))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(out)
