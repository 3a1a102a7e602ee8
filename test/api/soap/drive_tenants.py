"""Reads tenants by zeep from the WSDL alone, as a platform administrator. usage: drive_tenants.py <wsdl url> <user> <password> <tenant>"""

import sys

from requests import Session
from requests.auth import HTTPBasicAuth
from zeep import Client
from zeep.transports import Transport

wsdl, user, password, tenant = sys.argv[1:5]
session = Session()
session.auth = HTTPBasicAuth(user, password)
service = Client(wsdl, transport=Transport(session=session, timeout=60, operation_timeout=60)).service
number = service.getTenantId(domain=tenant)
assert service.getTenant(tenantId=number).domain == tenant
assert tenant in [one.domain for one in service.getAllTenants()]
print("[]")
