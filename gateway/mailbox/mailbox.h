#pragma once

// One conversation, as this shard follows it.
//
//   subscribing ──SUBACK──▶ verifying ──retained head, or history──▶ live
//        ▲                      ▲                                      │
//        └── subscription lost  └────────── connection lost ───────────┘
//
// Live means: the ring's last event is the newest there is, and whatever comes will be seen. A
// retained head that does not come within kVerifyWait of the SUBACK is replaced by a question to
// the ledger's history. An event that leaves a hole is held back for kGapWait, then history fills
// it. A mailbox asks one history question at a time; the hub bounds how many mailboxes ask.

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/mailbox/event_ring.h"
#include "gateway/mailbox/lease.h"
#include "gateway/mailbox/reader.h"
#include "gateway/mailbox/timer_wheel.h"
#include "proto/ids.h"

namespace parlor::gateway {

class MailboxHub;

struct DirtyTag;
struct AskingTag;
template <class Tag>
using MailboxHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// Shard's thread only. Owned by the hub.
class Mailbox : public MailboxHook<DirtyTag>, public MailboxHook<AskingTag> {
 public:
    static constexpr std::chrono::milliseconds kVerifyWait{150};
    static constexpr std::chrono::milliseconds kGapWait{200};
    static constexpr std::chrono::seconds kRetryWait{1};
    static constexpr std::chrono::minutes kLinger{2};
    static constexpr std::size_t kMaxHeld = 64;  // events behind a hole; more are left to history

    Mailbox(MailboxHub& hub, SiteId site, ConversationId conversation);

    const SiteId& site() const { return site_; }
    const ConversationId& conversation() const { return conversation_; }

    // The events after the reader's cursor, as far as they are at hand; null otherwise. Moves the
    // cursor.
    PageRef take(Reader& reader);
    // True where take()'s null means that there is nothing newer.
    bool upToDate(const Reader& reader) const;
    // To be called where take() gave null.
    void wait(Reader& reader);
    void listen(LiveListener& listener) { listeners_.push_back(listener); }
    // Tells every listener that goes by this name, which is not empty.
    void takeOver(std::string_view clientName);
    // What live signals have been seen; null: none.
    const LiveState* live() const { return live_.get(); }
    // When the newest event that is known was recorded (Unix ms); 0: not known.
    std::int64_t newestAtMs() const { return newestAtMs_; }

 private:
    friend class MailboxHub;
    friend class Attachment;

    enum class Subscription { none, pending, confirmed };
    static constexpr Time kNever = Time::max();

    // What the hub reports.
    void onEvent(const v1::Event& event, bool retained);
    void onLive(LiveSignalRef signal);
    void onSubscribed(const Expected<void>& result);
    void onReconnected();
    void onHistory(std::uint64_t after, const Expected<v1::HistoryResponse>& answer);
    // Serves whoever can be served and asks for what is missing.
    void evaluate();
    // The history question to ask now.
    std::optional<std::uint64_t> question() const;

    // What the visitor says of itself, from now on.
    void onPresence(const v1::Presence& presence);

    void attach();
    void detach(bool peerLeft);

    bool known() const { return epoch_ != 0; }
    EventRef render(const v1::Event& event) const;
    bool covers(const Reader& reader) const;
    bool verified() const;
    bool isEpochDoubted() const;
    void markVerified();
    void adopt(std::uint32_t epoch, std::uint64_t last);
    void append(EventRef event);
    void hold(EventRef event);
    void drainHeld();
    void scheduleFill(Time at);

    void integrate(std::uint64_t after, const std::vector<EventRef>& events, std::uint64_t headSeq,
                   bool newEpoch);
    void serve(std::uint64_t after, std::span<const EventRef> events);
    void serveWaiting();
    void tellFailure(const Error& error);
    bool resolve(Reader& reader) const;  // true where there is something after its cursor
    PageRef ringPage(Reader& reader);
    void publishPresence(v1::Presence::State state);
    PageRef finish(Reader& reader, PageRef page);

    void onTimer();
    void rearm();

    using Readers = boost::intrusive::list<Reader, boost::intrusive::constant_time_size<false>>;
    using Listeners =
        boost::intrusive::list<LiveListener, boost::intrusive::constant_time_size<false>>;

    MailboxHub& hub_;
    const SiteId site_;
    const ConversationId conversation_;

    Subscription subscription_ = Subscription::none;
    std::uint64_t verifiedIn_ = 0;  // the connection in which the head was last verified
    std::uint32_t epoch_ = 0;       // 0: nothing is known yet
    bool epochSure_ = false;        // the ledger said so, not only an event of that time
    EventRing ring_;
    std::int64_t newestAtMs_ = 0;
    std::vector<EventRef> held_;  // behind a hole, ascending
    bool overflowed_ = false;     // one that did not fit into held_ was let go of
    PageRef lastPage_;            // readers of one conversation mostly stand at the same place
    std::uint64_t lastPageAfter_ = 0;

    Readers waiting_;  // nothing newer is known for them
    Readers behind_;   // the ring does not reach back to them
    Listeners listeners_;
    std::unique_ptr<LiveState> live_;         // null until the first signal
    std::unique_ptr<v1::Presence> presence_;  // null: here, and nothing more is known
    bool keepProto_ = false;                  // a reader of Format::proto has been here
    bool ringChanged_ = false;                // since waiting_ was served
    bool asking_ = false;                     // a history question is under way
    std::uint32_t attached_ = 0;

    Lease lease_;
    Time fillAt_ = kNever;    // when to ask history for what is not verified or missing
    Time retryAt_{};          // no question before
    Time lingerAt_ = kNever;  // when to go
    Timer timer_;             // the earliest of all deadlines
};

// Holds a mailbox while somebody reads from it. Move-only; shard's thread only.
class Attachment {
 public:
    Attachment() = default;
    explicit Attachment(Mailbox& mailbox) : mailbox_(&mailbox) { mailbox.attach(); }
    ~Attachment() { release(false); }
    Attachment(Attachment&& other) noexcept : mailbox_(other.mailbox_) { other.mailbox_ = nullptr; }
    Attachment& operator=(Attachment&& other) noexcept;

    Mailbox* operator->() const { return mailbox_; }
    Mailbox& operator*() const { return *mailbox_; }
    explicit operator bool() const { return mailbox_ != nullptr; }
    // `peerLeft`: the visitor's side closed the connection, so it may be away.
    void release(bool peerLeft);

 private:
    Mailbox* mailbox_ = nullptr;
};

}  // namespace parlor::gateway
