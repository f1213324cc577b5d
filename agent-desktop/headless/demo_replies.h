#pragma once

#include <QString>

namespace parlor::agent {

// What the scripted agent says: Chinese to who writes it, English to all others.
class DemoReplies {
 public:
    // The first words, to somebody who said `said` (may be empty). `locale` is BCP 47 or empty.
    QString greeting(const QString& visitor, const QString& said, const QString& locale) const;
    // To everything afterwards; what fits nothing gets the next of a few general answers.
    QString answer(const QString& said, const QString& locale);

 private:
    std::size_t next_ = 0;
};

}  // namespace parlor::agent
