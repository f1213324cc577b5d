#pragma once

// What all transports that keep their connection have in common: they pull pages from a mailbox,
// one at a time, and push receipts and live signals in between, bounded. Of the signals that wait
// for a slow client the newest of each party and kind is kept.

#include <deque>
#include <optional>
#include <string>

#include "gateway/edge/reader_query.h"
#include "gateway/edge/services.h"

namespace parlor::gateway {

// Shard's thread only. The transport derives from it and writes what write() gives it, one text at
// a time.
class EventFeed : public Reader, public LiveListener {
 public:
    EventFeed(Services& services, ReaderQuery query, Transport transport,
              Format format = Format::json);
    ~EventFeed() override;

    void onPage(const PageRef& page) final;
    void onGap() final;
    void onLive(const LiveSignalRef& signal) final;
    std::string_view clientName() const final { return query_.client; }

 protected:
    // Starts: writes `prologue`, attaches, takes over from an earlier connection of the same
    // client, and writes what there is.
    void openFeed(const Grant& grant, std::string prologue = {});
    // Ends: no more calls to write(). `peerLeft`: the visitor's side closed the connection.
    void closeFeed(bool peerLeft);
    bool feedOpen() const { return open_; }

    // Queues one more text, behind what is being written.
    void push(std::string text);
    // What write() could not write at once is out.
    void written();
    bool writing() const { return writing_; }
    // How long what is being written may still take; without end where nothing is.
    Duration writeTimeLeft() const;

    // The transport's part. True: it is out. False: written() will say so, or the transport has
    // ended.
    virtual bool write(std::string text) = 0;
    virtual std::string formatPage(const Page& page) const = 0;
    virtual std::string formatGap() const = 0;
    virtual std::string formatLive(const LiveSignal& signal) const = 0;
    // The queue is full: the client is too slow.
    virtual void onOverflow() = 0;

    Services& services_;
    const Transport transport_;

 private:
    struct Item {
        std::string text;
        PageRef page;        // then text is not used
        LiveSignalRef live;  // likewise
    };

    // Queues what there is, or waits for it.
    void nextPage();
    void enqueue(Item item);
    // Lets go of the oldest signal that waits where there are too many.
    void makeRoomForLive();
    void pump();
    void begin(Item item);
    void finishWriting();
    std::string format(Item item) const;

    const ReaderQuery query_;
    Attachment mailbox_;
    std::deque<Item> queue_;
    std::size_t queuedBytes_ = 0;
    bool open_ = false;
    bool writing_ = false;
    bool writingPage_ = false;
    bool gapTold_ = false;
    std::int64_t waitingSinceMs_ = 0;
    Time writingSince_{};
};

}  // namespace parlor::gateway
