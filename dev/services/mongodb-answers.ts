import mongoose from 'mongoose';

/** Whether the server takes commands. Throws when it does not even take a connection. */
export async function mongodbAnswers(port: number): Promise<boolean> {
  const options = { serverSelectionTimeoutMS: 1000, directConnection: true };
  const client = new mongoose.mongo.MongoClient(`mongodb://127.0.0.1:${port}/`, options);
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } finally {
    await client.close();
  }
}
