#pragma once

#include <string>

#include "pg/channel.hpp"
#include "pg/router_directory.hpp"

#include "dispatch/order.hpp"

namespace byok::pg {

/// The live router of this database, started when there is none. Waits interruptibly until it
/// listens. Errors before anything is spent: 53000 no worker process or memory is free, 55000 the
/// server cannot run one (single-user mode) or cannot see the extension yet.
RouterAddress RequireRouter();

/// One caller's talk with the router. Belongs to a memory context: when that goes while replies are
/// due (error, cancel, early end), the channel is closed and the router knows that nobody waits. It
/// then completes and settles what was sent, and drops the rest.
struct Conversation {
  RouterAddress router;
  Channel* channel = nullptr;  ///< nullptr = not open
  std::uint64_t sent = 0;      ///< messages in this channel, of this and earlier conversations
  int due = 0;                 ///< replies
};
Conversation* OpenConversation();

/// Sends a message that has a reply. False when the router left before it took the message: nothing
/// was done, send it in a new conversation. Raises 53000 when other replies were due.
bool SendMessage(Conversation* conversation, const std::string& message);

enum class Heard {
  kReply,
  kNothingYet,
  kNeverTaken,  ///< the router left without having taken the only message that was out
  kGone,        ///< it left with orders of ours: RaiseRouterGone
};
/// Takes a reply if one is there.
Heard Listen(Conversation* conversation, AskReply* reply);
/// 53000 with what is known of the request, whose outcome the next router records. nullptr:
/// several.
[[noreturn]] void RaiseRouterGone(const char* request_id);
/// Waits for the latch at most `milliseconds`, obeying interrupts.
void WaitForRouter(long milliseconds);

/// One question, one answer: sends, and waits until the reply is there, at most `patience_ms`
/// (53000). Tries again with another router what no router took, and, when request_id is empty,
/// also what one took and did not answer: it does the same twice. The arguments belong to a memory
/// context.
void AskRouter(const std::string& message, const std::string& request_id, long patience_ms,
               AskReply* reply);

}  // namespace byok::pg
