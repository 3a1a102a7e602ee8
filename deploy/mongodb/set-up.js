// Begins the replica set and makes the user that Provost connects as. Run by mongosh; safe to repeat.
const admin = db.getSiblingDB('admin');
admin.auth('root', process.env.MONGODB_ROOT_PASSWORD);

try {
  rs.status();
} catch (error) {
  if (error.codeName !== 'NotYetInitialized') throw error;
  rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongodb:27017' }] });
}
while (!admin.hello().isWritablePrimary) sleep(200);

const user = { pwd: process.env.MONGODB_PASSWORD, roles: [{ role: 'readWrite', db: 'provost' }] };
if (admin.getUser('provost') === null) admin.createUser({ user: 'provost', ...user });
else admin.updateUser('provost', user);
