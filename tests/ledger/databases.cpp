#include "tests/ledger/databases.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "ledger/store/sql_connection.h"
#include "tests/support/eventually.h"
#include "tests/support/free_port.h"

namespace parlor::ledger::test {
namespace {

namespace fs = std::filesystem;
using parlor::test::eventually;
using parlor::test::freePort;
using parlor::test::Process;
using parlor::test::TempDir;

constexpr std::chrono::seconds kStartLimit{60};
constexpr const char* kPostgresqlPrograms = "/usr/lib/postgresql/15/bin/";
constexpr const char* kMariadbServer = "/usr/sbin/mariadbd";
constexpr const char* kMariadbInstall = "/usr/bin/mariadb-install-db";
// With what needs quoting somewhere.
constexpr const char* kPassword = "p'a\\s=s";

std::vector<pid_t> childrenOf(pid_t parent) {
    std::vector<pid_t> children;
    for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(parent) + "/task")) {
        std::ifstream file(task.path() / "children");
        for (pid_t child = 0; file >> child;) children.push_back(child);
    }
    return children;
}

// Servers refuse to run as root: then as their package's user, who must own the directory.
class ServerDir {
 public:
    explicit ServerDir(const char* user) {
        if (::geteuid() != 0) return;
        const passwd* entry = ::getpwnam(user);
        if (entry == nullptr) throw std::runtime_error(std::string("no user ") + user);
        if (::chown(dir_.path().c_str(), entry->pw_uid, entry->pw_gid) != 0) {
            throw std::runtime_error("cannot give the directory away");
        }
        // It becomes the server instead of starting it, and the kernel ends it with this process.
        prefix_ = {"/usr/bin/setpriv", "--reuid",     user,   "--regid", user,
                   "--init-groups",    "--pdeathsig", "KILL", "--"};
    }

    std::string file(std::string_view name) const { return dir_.file(name); }
    Process::Options command(const std::vector<std::string>& arguments) const {
        Process::Options options;
        options.arguments = prefix_;
        options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
        options.logFile = file("log");
        options.workingDirectory = dir_.path();
        return options;
    }
    void run(const std::vector<std::string>& arguments) const {
        Process process(command(arguments));
        if (process.wait(kStartLimit) != 0) throw std::runtime_error(process.log());
    }
    // For what servers read, so that they may: this process may be another user.
    std::string writeForServer(std::string_view name, std::string_view text) const {
        const auto path = dir_.write(name, text);
        fs::permissions(path,
                        fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
        return path;
    }

 private:
    const TempDir dir_;
    std::vector<std::string> prefix_;
};

// Root may write to a file that nobody may write to, but not to one that is immutable.
bool setImmutable(const std::string& path, bool immutable) {
    const int file = ::open(path.c_str(), O_RDONLY);
    long flags = 0;
    bool done = ::ioctl(file, FS_IOC_GETFLAGS, &flags) == 0;
    flags = immutable ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    done = done && ::ioctl(file, FS_IOC_SETFLAGS, &flags) == 0;
    ::close(file);
    return done;
}

class SqliteDatabase final : public Database {
 public:
    explicit SqliteDatabase(Disk disk) {
        if (disk == Disk::large) return;
        fs::create_directory(directory_);
        disk_.emplace(directory_);
    }
    ~SqliteDatabase() override { setReadOnly(false); }
    DatabaseUrl url() const override { return *DatabaseUrl::parse("sqlite://" + file()); }
    bool setReadOnly(bool readOnly) override {
        return setImmutable(file(), readOnly) && setImmutable(file() + "-wal", readOnly);
    }
    SmallDisk* disk() override { return disk_ ? &*disk_ : nullptr; }
    void kill() override {}
    void restart() override {}
    bool isRunning() override { return true; }
    void freeze() override {}
    void thaw() override {}

 private:
    std::string file() const { return (disk_ ? directory_ : dir_.path()) / "ledger.db"; }

    const TempDir dir_;
    const fs::path directory_ = dir_.path() / "disk";
    std::optional<SmallDisk> disk_;
};

// One that is a server.
class ServerDatabase : public Database {
 public:
    ~ServerDatabase() override { end(); }
    void kill() override { end(); }
    bool isRunning() override { return process_ && process_->running(); }
    void freeze() override {
        // The parent first, so that it makes no more of them.
        process_->signal(SIGSTOP);
        for (const pid_t child : childrenOf(process_->pid())) ::kill(child, SIGSTOP);
    }
    void thaw() override { goOn(); }
    SmallDisk* disk() override { return disk_ ? &*disk_ : nullptr; }
    void restart() override {
        process_.emplace(dir_.command(serverCommand()));
        SqlDatabase database(url());
        const auto answers = [&] {
            if (!process_->running()) throw std::runtime_error(process_->log());
            SqlConnection connection(database, SessionUse::read);
            const auto connected = connection.attempt([](SqlSession& session) {
                session.runText("SELECT 1");
                return true;
            });
            return connected.has_value();
        };
        if (!eventually(answers, kStartLimit)) throw std::runtime_error(process_->log());
    }

 protected:
    // `crash`: the signal that ends the server, all its processes, at once and without tidying up.
    ServerDatabase(const char* user, int crash) : dir_(user), crash_(crash) {}
    virtual std::vector<std::string> serverCommand() const = 0;

    static void run(const DatabaseUrl& url, const std::vector<std::string>& statements) {
        SqlDatabase database(url);
        SqlSession session(database, SessionUse::write);
        for (const auto& statement : statements) session.runText(statement);
    }
    // Of the server's user.
    void putDiskOn(const std::string& directory) {
        dir_.run({"/bin/mkdir", directory});
        disk_.emplace(directory);
    }

    const ServerDir dir_;
    const std::uint16_t port_ = freePort();

 private:
    void end() {
        if (!process_) return;
        if (process_->running()) goOn();  // one that stands still would not end
        process_->signal(crash_);
        process_->wait(kStartLimit);
        process_.reset();
    }

    void goOn() {
        for (const pid_t child : childrenOf(process_->pid())) ::kill(child, SIGCONT);
        process_->signal(SIGCONT);
    }

    const int crash_;
    std::optional<SmallDisk> disk_;
    std::optional<Process> process_;
};

class PostgresqlDatabase final : public ServerDatabase {
 public:
    // The postmaster must live to end the others.
    explicit PostgresqlDatabase(Disk disk)
        : ServerDatabase("postgres", SIGQUIT), smallLog_(disk == Disk::smallLog) {
        const auto password = dir_.writeForServer("password", std::string(kPassword) + "\n");
        std::vector<std::string> initdb{programs() + "initdb",
                                        "-D",
                                        dir_.file("data"),
                                        "-U",
                                        "parlor",
                                        "-A",
                                        "scram-sha-256",
                                        "--pwfile=" + password,
                                        "-E",
                                        "UTF8",
                                        "--no-sync"};
        if (smallLog_) {
            putDiskOn(dir_.file("wal"));
            // So that there are several files of it on a disk as small as that.
            initdb.insert(initdb.end(), {"--waldir=" + dir_.file("wal"), "--wal-segsize=1"});
        }
        dir_.run(initdb);
        restart();
        if (disk != Disk::small) return;
        putDiskOn(dir_.file("disk"));
        run(url(), {"CREATE TABLESPACE disk LOCATION '" + dir_.file("disk") + "'",
                    "CREATE DATABASE small TABLESPACE disk"});
        name_ = "small";
    }
    DatabaseUrl url() const override {
        return *DatabaseUrl::parse(
            "postgresql://parlor:p%27a%5Cs%3Ds@127.0.0.1:" + std::to_string(port_) + "/" + name_);
    }
    // Sessions stay what they were when they began.
    bool setReadOnly(bool readOnly) override {
        const std::string value = readOnly ? "on" : "off";
        run(url(), {"SET default_transaction_read_only = off",
                    "ALTER DATABASE " + name_ + " SET default_transaction_read_only = " + value});
        if (readOnly) {
            run(url(), {"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE pid <> pg_backend_pid() AND usename = 'parlor'"});
        }
        return true;
    }

 private:
    static std::string programs() { return kPostgresqlPrograms; }
    std::vector<std::string> serverCommand() const override {
        std::vector<std::string> command{programs() + "postgres",     "-D", dir_.file("data"), "-p",
                                         std::to_string(port_),       "-k", dir_.file(""),     "-c",
                                         "listen_addresses=127.0.0.1"};
        if (smallLog_) command.insert(command.end(), {"-c", "max_wal_size=16MB"});
        return command;
    }

    const bool smallLog_;
    std::string name_ = "postgres";
};

class MariadbDatabase final : public ServerDatabase {
 public:
    explicit MariadbDatabase(Disk disk) : ServerDatabase("mysql", SIGKILL) {
        // A server that starts removes others' temporary tables: each has its own place for them.
        dir_.run({"/usr/bin/env", "TMPDIR=" + dir_.file("."), kMariadbInstall, "--no-defaults",
                  "--datadir=" + dir_.file("data"), "--auth-root-authentication-method=normal",
                  "--skip-test-db"});
        init_ = dir_.writeForServer(
            "init.sql",
            "CREATE DATABASE IF NOT EXISTS parlor;\n"
            "CREATE USER IF NOT EXISTS parlor@'127.0.0.1' IDENTIFIED BY 'p''a\\\\s=s';\n"
            "GRANT ALL ON parlor.* TO parlor@'127.0.0.1';\n"
            "CREATE USER IF NOT EXISTS admin@'127.0.0.1' IDENTIFIED BY 'p''a\\\\s=s';\n"
            "GRANT ALL ON *.* TO admin@'127.0.0.1';\n");
        if (disk == Disk::small) putDiskOn(dir_.file("data/parlor"));
        restart();
    }
    DatabaseUrl url() const override { return urlOf("parlor"); }
    bool setReadOnly(bool readOnly) override {
        run(urlOf("admin"), {std::string("SET GLOBAL read_only = ") + (readOnly ? "1" : "0")});
        return true;
    }

 private:
    DatabaseUrl urlOf(const std::string& user) const {
        return *DatabaseUrl::parse("mysql://" + user +
                                   ":p%27a%5Cs%3Ds@127.0.0.1:" + std::to_string(port_) + "/parlor");
    }
    std::vector<std::string> serverCommand() const override {
        return {kMariadbServer,
                "--no-defaults",
                "--datadir=" + dir_.file("data"),
                "--tmpdir=" + dir_.file("."),
                "--port=" + std::to_string(port_),
                "--socket=" + dir_.file("socket"),
                "--pid-file=" + dir_.file("pid"),
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--init-file=" + init_};
    }

    std::string init_;
};

}  // namespace

std::unique_ptr<Database> Database::start(Dialect dialect, Disk disk) {
    switch (dialect) {
        case Dialect::sqlite:
            return std::make_unique<SqliteDatabase>(disk);
        case Dialect::postgresql:
            return std::make_unique<PostgresqlDatabase>(disk);
        case Dialect::mysql:
            return std::make_unique<MariadbDatabase>(disk);
    }
    return nullptr;
}

}  // namespace parlor::ledger::test
