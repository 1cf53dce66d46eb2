# The peer of `api`: FastAPI on uvicorn with uvloop and httptools, one process, the same read from SQLite: whose session, may they see
# the job, the job. `/api/jobs` as FastAPI's documentation writes it with a database (SQLModel, a session a request, a plain `def`),
# `/api/raw` with sqlite3 by hand, `/api/fast` by hand and without threads. Takes the file's name; prints its addresses and the cookie
# to call them with, as one line of JSON.
import hashlib
import json
import socket
import sqlite3
import sys
import time

from typing import Annotated

import fastapi
import sqlmodel
import uvicorn
from fastapi import Cookie, Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlmodel import Field, Session, SQLModel, create_engine, select

db = sqlite3.connect(sys.argv[1], check_same_thread=False)
db.row_factory = sqlite3.Row
db.executescript(
    """
    PRAGMA journal_mode = WAL;
    CREATE TABLE users (id TEXT PRIMARY KEY, role TEXT, state TEXT);
    CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, user_id TEXT, idle_until INTEGER, expires_at INTEGER);
    CREATE TABLE service_members (service_id TEXT, user_id TEXT, role TEXT, PRIMARY KEY (service_id, user_id));
    CREATE TABLE jobs (id TEXT PRIMARY KEY, name TEXT, service_id TEXT, analysis TEXT, params TEXT, every_ms INTEGER,
      window_ms INTEGER, delay_ms INTEGER, enabled INTEGER, version INTEGER, created_at INTEGER, updated_at INTEGER);
    CREATE TABLE rules (id TEXT PRIMARY KEY, job_id TEXT, body TEXT);
    CREATE INDEX rules_by_job ON rules (job_id);
    """
)
later = int(time.time() * 1000) + 86_400_000
db.execute("INSERT INTO users VALUES ('user001', 'user', 'active')")
token_hash = hashlib.sha256(b"token").hexdigest()
db.execute("INSERT INTO sessions VALUES (?, 'user001', ?, ?)", (token_hash, later, later))
db.execute("INSERT INTO service_members VALUES ('auth', 'user001', 'owner')")
db.executemany(
    "INSERT INTO jobs VALUES (?, ?, 'auth', 'failed-logins', '{\"limit\": 5}', 1000, 5000, 200, 1, 1, ?, ?)",
    [(f"job{i}", f"Job {i}", later, later) for i in range(1000)],
)
db.commit()

app = FastAPI()


class Job(BaseModel):
    id: str
    name: str
    serviceId: str
    analysis: str
    params: dict
    everyMs: int
    windowMs: int
    delayMs: int
    enabled: bool
    rules: list
    role: str
    version: int
    createdAt: int
    updatedAt: int


def current_user(request: Request):
    token = request.cookies.get("session")
    if token is None:
        raise HTTPException(401)
    now = int(time.time() * 1000)
    user = db.execute(
        "SELECT u.id, u.role FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?"
        " AND s.idle_until > ? AND s.expires_at > ? AND u.state = 'active'",
        (hashlib.sha256(token.encode()).hexdigest(), now, now),
    ).fetchone()
    if user is None:
        raise HTTPException(401)
    return user


@app.get("/api/raw/{job_id}", response_model=Job)
def get_job(job_id: str, user=Depends(current_user)):
    row = db.execute(
        "SELECT j.*, m.role FROM jobs j LEFT JOIN service_members m ON m.service_id = j.service_id AND m.user_id = ?"
        " WHERE j.id = ?",
        (user["id"], job_id),
    ).fetchone()
    if row is None or row["role"] is None:
        raise HTTPException(404)
    rules = db.execute("SELECT body FROM rules WHERE job_id = ?", (job_id,)).fetchall()
    return Job(
        id=row["id"],
        name=row["name"],
        serviceId=row["service_id"],
        analysis=row["analysis"],
        params=json.loads(row["params"]),
        everyMs=row["every_ms"],
        windowMs=row["window_ms"],
        delayMs=row["delay_ms"],
        enabled=row["enabled"] == 1,
        rules=[json.loads(rule["body"]) for rule in rules],
        role=row["role"],
        version=row["version"],
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
    )


@app.get("/api/fast/{job_id}", response_model=Job)
async def get_job_without_threads(job_id: str, request: Request):
    return get_job(job_id, current_user(request))


class User(SQLModel, table=True):
    __tablename__ = "users"
    id: str = Field(primary_key=True)
    role: str
    state: str


class Login(SQLModel, table=True):
    __tablename__ = "sessions"
    token_hash: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    idle_until: int
    expires_at: int


class Member(SQLModel, table=True):
    __tablename__ = "service_members"
    service_id: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    role: str


class StoredJob(SQLModel, table=True):
    __tablename__ = "jobs"
    id: str = Field(primary_key=True)
    name: str
    service_id: str
    analysis: str
    params: str
    every_ms: int
    window_ms: int
    delay_ms: int
    enabled: int
    version: int
    created_at: int
    updated_at: int


class Rule(SQLModel, table=True):
    __tablename__ = "rules"
    id: str = Field(primary_key=True)
    job_id: str
    body: str


engine = create_engine(f"sqlite:///{sys.argv[1]}", connect_args={"check_same_thread": False})


def get_session():
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def signed_in(store: SessionDep, session: Annotated[str | None, Cookie()] = None) -> User:
    now = int(time.time() * 1000)
    token_hash = hashlib.sha256((session or "").encode()).hexdigest()
    user = store.exec(
        select(User)
        .join(Login)
        .where(Login.token_hash == token_hash, Login.idle_until > now, Login.expires_at > now, User.state == "active")
    ).first()
    if user is None:
        raise HTTPException(401)
    return user


@app.get("/api/jobs/{job_id}")
def read_job(job_id: str, store: SessionDep, user: Annotated[User, Depends(signed_in)]) -> Job:
    found = store.exec(
        select(StoredJob, Member).join(Member, Member.service_id == StoredJob.service_id).where(
            StoredJob.id == job_id, Member.user_id == user.id
        )
    ).first()
    if found is None:
        raise HTTPException(404)
    job, member = found
    rules = store.exec(select(Rule).where(Rule.job_id == job_id)).all()
    return Job(
        id=job.id,
        name=job.name,
        serviceId=job.service_id,
        analysis=job.analysis,
        params=json.loads(job.params),
        everyMs=job.every_ms,
        windowMs=job.window_ms,
        delayMs=job.delay_ms,
        enabled=job.enabled == 1,
        rules=[json.loads(rule.body) for rule in rules],
        role=member.role,
        version=job.version,
        createdAt=job.created_at,
        updatedAt=job.updated_at,
    )


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
url = f"http://127.0.0.1:{port}/api"
answer = {
    "urls": [f"{url}/jobs/job500", f"{url}/raw/job500", f"{url}/fast/job500"],
    "cookie": "session=token",
    "versions": [fastapi.__version__, uvicorn.__version__, sqlmodel.__version__],
}
print(json.dumps(answer), flush=True)
uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
