#include "ledger/app/application.h"

int main(int argc, char** argv) {
    parlor::ledger::Application application;
    return application.run(argc, argv);
}
