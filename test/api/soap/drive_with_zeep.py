"""Drives every operation of one service by zeep, from its WSDL alone.

usage: drive_with_zeep.py <wsdl url> <soap version: 11 or 12> <user> <password>
Prints the operations that it called, as JSON. Ends with a traceback where something is not as it should be.
"""

import json
import sys

from requests import Session
from requests.auth import HTTPBasicAuth
from zeep import Client
from zeep.exceptions import Fault
from zeep.transports import Transport

wsdl, version, user, password = sys.argv[1:5]
session = Session()
session.auth = HTTPBasicAuth(user, password)
client = Client(wsdl, transport=Transport(session=session, timeout=60, operation_timeout=60))
name = next(iter(client.wsdl.services))
service = client.bind(name, f"{name}HttpsSoap{version}Endpoint")
CLAIM = "http://wso2.org/claims/"
called = set()


def call(operation, **parameters):
    called.add(operation)
    return getattr(service, operation)(**parameters)


def is_equal(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def fails(words, operation, **parameters):
    try:
        call(operation, **parameters)
    except Fault as fault:
        assert words in fault.message, fault.message
        assert fault.detail is not None
        return
    raise AssertionError(f"{operation} should have failed with: {words}")


def user_store_manager():
    nothing = True if name.endswith("V2") else None
    claims = [{"claimURI": CLAIM + "givenname", "value": "Zoë"}, {"claimURI": CLAIM + "emailaddress", "value": "z@ex.test"}]
    is_equal(call("addRole", roleName="staff", userList=[], permissions=[{"action": "read", "resourceId": "/x"}]), nothing)
    is_equal(call("addRole", roleName="Internal/ops"), nothing)
    is_equal(
        call("addUser", userName="zoe", credential="first", roleList=["staff"], claims=claims, profileName="default",
             requirePasswordChange=False),
        nothing,
    )
    fails("30004", "addUser", userName="zoe", credential="first")
    is_equal(call("isExistingUser", userName="zoe"), True)
    is_equal(call("authenticate", userName="zoe", credential="first"), True)
    is_equal(call("authenticate", userName="zoe", credential="wrong"), False)
    is_equal(call("updateCredential", userName="zoe", newCredential="second", oldCredential="first"), nothing)
    fails("PasswordInvalid", "updateCredential", userName="zoe", newCredential="x", oldCredential="first")
    is_equal(call("updateCredentialByAdmin", userName="zoe", newCredential="third"), nothing)
    is_equal(call("authenticate", userName="zoe", credential="third"), True)
    is_equal(call("getPasswordExpirationTime", username="zoe"), -1)
    is_equal(call("listUsers", filter="z*", maxItemLimit=10), ["zoe"])
    is_equal(call("getUserList", claimUri=CLAIM + "emailaddress", claimValue="z@ex.test", profile="default"), ["zoe"])

    is_equal(call("getUserClaimValue", userName="zoe", claim=CLAIM + "givenname", profileName=None), "Zoë")
    is_equal(call("getUserClaimValue", userName="zoe", claim=CLAIM + "lastname"), None)
    is_equal(call("setUserClaimValue", userName="zoe", claimURI=CLAIM + "lastname", claimValue="Ω & <co>", profileName="default"), nothing)
    is_equal(call("setUserClaimValues", userName="zoe", claims=[{"claimURI": CLAIM + "title", "value": "Dr"}], profileName="default"), nothing)
    is_equal(call("addUserClaimValue", userName="zoe", claimURI=CLAIM + "title", claimValue="Prof", profileName="default"), nothing)
    is_equal(call("addUserClaimValues", userName="zoe", claims=[{"claimURI": CLAIM + "emailAddresses", "value": "b@ex.test"}], profileName="default"), nothing)
    all_claims = {claim.claimUri: claim for claim in call("getUserClaimValues", userName="zoe", profileName="default")}
    is_equal(all_claims[CLAIM + "lastname"].value, "Ω & <co>")
    is_equal(all_claims[CLAIM + "title"].value, "Dr,Prof")
    is_equal(all_claims[CLAIM + "givenname"].displayTag, "First Name")
    is_equal(all_claims[CLAIM + "givenname"].supportedByDefault, True)
    some = call("getUserClaimValuesForClaims", userName="zoe", claims=[CLAIM + "title", CLAIM + "emailAddresses"], profileName="default")
    is_equal([(claim.claimURI, claim.value) for claim in some], [(CLAIM + "title", "Dr,Prof"), (CLAIM + "emailAddresses", "z@ex.test,b@ex.test")])
    is_equal(call("deleteUserClaimValue", userName="zoe", claimURI=CLAIM + "title", profileName="default"), nothing)
    is_equal(call("deleteUserClaimValues", userName="zoe", claims=[CLAIM + "lastname"], profileName="default"), nothing)
    is_equal(call("getUserClaimValue", userName="zoe", claim=CLAIM + "title"), None)

    is_equal(call("getRoleListOfUser", userName="zoe"), ["Internal/everyone", "staff"])
    is_equal(call("updateRoleListOfUser", userName="zoe", deletedRoles=["staff"], newRoles=["Internal/ops"]), nothing)
    is_equal(call("getUserListOfRole", roleName="Internal/ops"), ["zoe"])
    is_equal(call("updateUserListOfRole", roleName="Internal/ops", deletedUsers=["zoe"], newUsers=[]), nothing)
    is_equal(call("getUserListOfRole", roleName="Internal/ops"), [])
    is_equal(call("updateRoleName", roleName="staff", newRoleName="people"), nothing)
    is_equal(call("isExistingRole", roleName="people"), True)
    is_equal(call("isExistingRole", roleName="staff"), False)
    is_equal(call("getRoleNames"), ["Internal/everyone", "Internal/ops", "people"])
    is_equal(call("getHybridRoles"), ["Internal/everyone", "Internal/ops"])
    is_equal(call("getProfileNames", userName="zoe"), ["default"])
    is_equal(call("getAllProfileNames"), ["default"])
    assert call("getUserId", username="zoe") >= 0
    assert call("getTenantId") >= 0
    is_equal(call("isReadOnly"), False)
    fails("Access Denied", "getTenantIdofUser", username="zoe")
    fails("Access Denied", "getProperties", tenant=None)
    is_equal(call("deleteRole", roleName="people"), nothing)
    is_equal(call("deleteRole", roleName="Internal/ops"), nothing)
    is_equal(call("deleteUser", userName="zoe"), nothing)
    fails("UserNotFound", "deleteUser", userName="zoe")


def user_admin():
    names = lambda flagged: [(row.itemName, row.selected) for row in flagged]
    call("addRole", roleName="staff", userList=[], permissions=["/permission/admin/login"], isSharedRole=False)
    call("addInternalRole", roleName="ops")
    claims = [{"claimURI": CLAIM + "givenname", "value": "Zoë"}]
    call("addUser", userName="zoe", password="first", roles=["staff"], claims=claims, profileName="default")
    fails("30004", "addUser", userName="zoe", password="first")
    call("changePassword", userName="zoe", newPassword="second")
    call("changePasswordByUser", userName="zoe", oldPassword="second", newPassword="third")
    fails("PasswordInvalid", "changePasswordByUser", userName="zoe", oldPassword="second", newPassword="x")
    is_equal(call("listUsers", filter="*", limit=10), ["zoe"])
    is_equal(names(call("listAllUsers", filter="*", limit=10)), [("zoe", False), ("false", False)])
    found = call("listUserByClaim", claimValue={"claimURI": CLAIM + "givenname", "value": "Zo*"}, filter="*", maxLimit=5)
    is_equal(names(found), [("zoe", False), ("false", False)])
    call("addRemoveRolesOfUser", userName="zoe", newRoles=["Internal/ops"], deletedRoles=["staff"])
    call("addRemoveUsersOfRole", roleName="staff", newUsers=["zoe"], deletedUsers=[])
    is_equal(names(call("getUsersOfRole", roleName="staff", filter="*", limit=10)), [("zoe", True), ("false", False)])
    call("updateRolesOfUser", userName="zoe", newRoleList=["staff"])
    roles = names(call("getRolesOfUser", userName="zoe", filter="*", limit=10))
    is_equal(roles, [("Internal/everyone", True), ("Internal/ops", False), ("staff", True), ("false", False)])
    call("updateRoleName", roleName="staff", newRoleName="people")
    is_equal(names(call("getAllRolesNames", filter="p*", limit=10)), [("people", False), ("false", False)])
    user = lambda name, selected: {"itemName": name, "selected": selected, "editable": True, "readOnly": False, "shared": False}
    call("updateUsersOfRole", roleName="Internal/ops", userList=[user("zoe", True)])
    is_equal([name for name, chosen in names(call("getUsersOfRole", roleName="Internal/ops", filter="*", limit=0)) if chosen], ["zoe"])
    call("updateUsersOfRole", roleName="Internal/ops", userList=[user("zoe", False)])
    is_equal(names(call("getUsersOfRole", roleName="Internal/ops", filter="*", limit=0)), [])
    is_equal(names(call("getRolesOfCurrentUser")), [("Internal/everyone", True), ("false", False)])
    is_equal(names(call("getAllSharedRoleNames", filter="p*", limit=10)), [("people", False), ("false", False)])
    realm = call("getUserRealmInfo")
    is_equal((realm.everyOneRole, realm.bulkImportSupported, realm.primaryUserStoreInfo.domainName), ("Internal/everyone", True, "PRIMARY"))
    assert CLAIM + "givenname" in realm.defaultUserClaims
    is_equal(call("listAllUsersWithPermission", filter="*", permission="/permission/admin/login", limit=10), [])
    is_equal(call("listUserByClaimWithPermission", claimValue={"claimURI": CLAIM + "givenname", "value": "Zo*"}, filter="*", permission="/permission", maxLimit=5), [])
    is_equal(call("getAllPermittedRoleNames", filter="*", permission="/permission/admin/login", limit=10), [])
    tree = call("getAllUIPermissions")
    is_equal(tree.nodeList[0].nodeList[0].nodeList[0].nodeList[0].nodeList[0].resourcePath, "/permission/admin/manage/identity/usermgt/create")
    is_equal(call("getRolePermissions", roleName="people").selected, False)
    fails("RoleNotFound", "getRolePermissions", roleName="none")
    fails("carry no permissions", "setRoleUIPermission", roleName="people", rawResources=["/permission/admin/login"])
    call("setRoleUIPermission", roleName="people", rawResources=[])
    rows = f"UserName,Password,Claims\nyve,Pw#1,{CLAIM}givenname=Yve,role=people:Internal/ops\n"
    call("bulkImportUsers", userStoreDomain="PRIMARY", fileName="users.csv", handler=rows.encode(), defaultPassword="x")
    is_equal(call("listUsers", filter="y*", limit=10), ["yve"])
    fails("Duplicate Count : 1", "bulkImportUsers", userStoreDomain="", fileName="users.csv", handler=rows.encode())
    call("deleteUser", userName="yve")
    is_equal(call("hasMultipleUserStores"), False)
    is_equal(call("isSharedRolesEnabled"), False)
    call("deleteRole", roleName="people")
    call("deleteRole", roleName="Internal/ops")
    call("deleteUser", userName="zoe")


def authentication_admin():
    is_equal(call("login", username=user, password=password, remoteAddress="127.0.0.1"), True)
    is_equal(call("login", username=user, password="wrong", remoteAddress="127.0.0.1"), False)
    assert session.cookies.get("JSESSIONID"), "there is no cookie"
    call("logout")
    fails("Nobody is remembered", "loginWithRememberMeOption", username=user, password=password)
    is_equal(call("loginWithRememberMeCookie", cookie="x"), False)
    is_equal(call("isDisabled"), False)
    is_equal(call("getPriority"), 5)
    is_equal(call("getAuthenticatorName"), "DefaultCarbonAuthenticator")


def user_profile():
    # The caller is no user, and has no user yet: what of users who are there is tested elsewhere.
    fields = call("getProfileFieldsForInternalStore").fieldValues
    assert CLAIM + "givenname" in [field.claimUri for field in fields]
    is_equal(call("isReadOnlyUserStore"), False)
    is_equal(call("isAddProfileEnabled"), False)
    is_equal(call("isAddProfileEnabledForDomain", domain="PRIMARY"), False)
    field = {"claimUri": CLAIM + "givenname", "fieldValue": "Zoë", "required": False, "displayOrder": 1}
    for operation, given in [("getUserProfile", {"profileName": "default"}), ("getUserProfiles", {}), ("setUserProfile", {"profile": {"fieldValues": [field], "profileName": "default"}}), ("deleteUserProfile", {"profileName": "default"})]:
        fails("UserNotFound", operation, username="nobody", **given)


def claim_manager():
    title = CLAIM + "title"
    is_equal(call("getAttributeName", claimURI=title), "title")
    is_equal(call("getAttributeNameFromDomain", domainName="PRIMARY", claimURI=title), "title")
    is_equal(call("getAttributeName", claimURI="urn:none"), None)
    is_equal(call("getClaim", claimURI=title).displayTag, "Title")
    is_equal(call("getClaimMapping", claimURI=CLAIM + "mobile").mappedAttribute, 'phoneNumbers[type eq "mobile"].value')
    assert title in call("getAllClaimUris")
    assert len(call("getAllClaimMappings", dialectUri=CLAIM[:-1])) == len(call("getAllClaimUris"))
    is_equal(call("getAllClaimMappings", dialectUri="urn:none"), [])
    assert CLAIM + "lastname" in [row.claim.claimUri for row in call("getAllRequiredClaimMappings")]
    assert CLAIM + "givenname" in [row.claim.claimUri for row in call("getAllSupportClaimMappingsByDefault")]
    claim = {"claimUri": "urn:test:desk", "displayTag": "Desk", "description": "Where", "required": True, "displayOrder": 4}
    call("addNewClaimMapping", mapping={"claim": claim, "mappedAttribute": "nickName"})
    is_equal(call("getClaim", claimURI="urn:test:desk").required, True)
    fails("There is a mapping", "addNewClaimMapping", mapping={"claim": claim, "mappedAttribute": "nickName"})
    fails("cannot be mapped so", "updateClaimMapping", mapping={"claim": claim, "mappedAttribute": "noSuchThing"})
    call("updateClaimMapping", mapping={"claim": claim, "mappedAttribute": "title"})
    is_equal(call("getAttributeName", claimURI="urn:test:desk"), "title")
    call("deleteClaimMapping", mapping={"claim": {"claimUri": "urn:test:desk"}})
    is_equal(call("getClaim", claimURI="urn:test:desk"), None)
    fails("30005", "deleteClaimMapping", mapping={"claim": {"claimUri": "urn:test:desk"}})


def authorization_manager():
    role = {"roleName": "Internal/everyone"}
    user = {"userName": "zoe"}
    thing = {"resourceId": "/permission/admin/login", "action": "ui.execute"}
    is_equal(call("isRoleAuthorized", **role, **thing), False)
    is_equal(call("isUserAuthorized", **user, **thing), False)
    for operation in ["getAllowedRolesForResource", "getDeniedRolesForResource", "getExplicitlyAllowedUsersForResource", "getExplicitlyDeniedUsersForResource"]:
        is_equal(call(operation, **thing), [])
    is_equal(call("getAllowedUIResourcesForUser", **user, permissionRootPath="/permission"), [])
    is_equal(call("getAllowedUIResourcesForRole", **role, permissionRootPath="/permission"), [])
    for operation in ["authorizeRole", "denyRole"]:
        fails("carry no permissions", operation, **role, **thing)
    for operation in ["authorizeUser", "denyUser"]:
        fails("carry no permissions", operation, **user, **thing)
    call("clearRoleAuthorization", **role, **thing)
    call("clearUserAuthorization", **user, **thing)
    call("clearAllRoleAuthorization", **role)
    call("clearAllUserAuthorization", **user)
    call("clearRoleActionOnAllResources", **role, action="ui.execute")
    call("clearResourceAuthorizations", resourceId="/x")
    call("refreshAllowedRolesForResource", resourceId="/x")
    call("resetPermissionOnUpdateRole", **role, newRoleName="x")


def tenant_manager():
    # What a tenant's own administrator gets; that platform administrators get more is tested elsewhere.
    for operation in [operation.name for operation in service._binding._operations.values()]:
        given = {"domain": "x"} if operation == "getTenantId" else {"tenant": {"domain": "x", "id": 1}} if operation.endswith("ateTenant") and operation.startswith("up") or operation == "addTenant" else {}
        given = given or ({"tenantId": 1} if operation not in ("getAllTenants", "getSuperTenantDomain") else {})
        fails("platform-admin", operation, **given)


def user_store_count():
    pairs = lambda found: [(pair.key, pair.value) for pair in found]
    is_equal(pairs(call("countUsers", filter="*")), [("PRIMARY", "0")])
    is_equal(pairs(call("countRoles", filter="*")), [("PRIMARY", "0"), ("Internal", "1"), ("Application", "0")])
    is_equal(pairs(call("countClaim", claimURI=CLAIM + "title", valueFilter="*")), [("PRIMARY", "0")])
    is_equal(call("countUsersInDomain", filter="*", domain="PRIMARY"), 0)
    is_equal(call("countRolesInDomain", filter="*", domain="Internal"), 1)
    is_equal(call("countByClaimInDomain", claimURI=CLAIM + "title", valueFilter="D*", domain="PRIMARY"), 0)
    is_equal(call("getCountEnabledUserStores"), ["PRIMARY"])
    fails("There is no user store HR", "countUsersInDomain", filter="*", domain="HR")


{
    "UserAdmin": user_admin,
    "UserProfileMgtService": user_profile,
    "AuthenticationAdmin": authentication_admin,
    "RemoteClaimManagerService": claim_manager,
    "RemoteAuthorizationManagerService": authorization_manager,
    "RemoteTenantManagerService": tenant_manager,
    "UserStoreCountService": user_store_count,
}.get(name, user_store_manager)()
print(json.dumps(sorted(called)))
