#pragma once

// The one interface through which every transport gets its events.

#include <boost/intrusive/list.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/mailbox/live_state.h"
#include "gateway/mailbox/page.h"

namespace parlor::gateway {

// A party that reads one conversation from a cursor on. It pulls: Mailbox::take() gives what is
// there, Mailbox::wait() asks to be called once when there is more. So a reader that is slow holds
// nothing but its cursor. Destroying it ends its wait. Shard's thread only.
class Reader : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
    explicit Reader(Cursor cursor, Format format = Format::json)
        : cursor_(cursor), format_(format) {}
    virtual ~Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    const Cursor& cursor() const { return cursor_; }

    // Exactly one of these ends a wait. They may wait again, or destroy the reader.
    //
    // There are events after the cursor, which stands behind them already.
    virtual void onPage(const PageRef& page) = 0;
    // What comes after the cursor cannot be had at present, or is not known.
    virtual void onGap() = 0;
    // There will never be anything (notFound).
    virtual void onError(const Error& error) = 0;

 protected:
    void stopWaiting() { unlink(); }

 private:
    friend class Mailbox;
    Cursor cursor_;
    const Format format_;
    bool reset_ = false;  // its epoch was another one: the next page says so
};

// A party that is shown live signals (typing, queue position) as they come.
class LiveListener : public boost::intrusive::list_base_hook<
                         boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
    virtual ~LiveListener() = default;
    // May end or destroy the listener.
    virtual void onLive(const LiveSignalRef& signal) = 0;
    // Another connection of the same client has taken over (Mailbox::takeOver).
    virtual void onReplaced() {}
    // As the client names itself; empty: it does not.
    virtual std::string_view clientName() const { return {}; }

 protected:
    void stopListening() { unlink(); }
};

}  // namespace parlor::gateway
