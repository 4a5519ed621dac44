/* 200 notifications with known labels, the same everywhere: what decisions are measured and tried on. Each is one of
 * the frames below with its blanks filled: {a} a person, {b} a firm, {c} a sum, {d} a day, {e} an hour. */
#ifndef NOTICES_H
#define NOTICES_H
#include <stdio.h>
#include <string.h>

enum { N_NOTICES = 200, N_TOPICS = 8 };
static const char *const notice_topics[N_TOPICS] = {
    "bill", "delivery", "meeting", "family", "health", "security", "news", "spam"
};

/* topic: of notice_topics. today: it has to be dealt with today. */
typedef struct notice_frame { int topic; bool today; const char *text; } notice_frame;
typedef struct notice { int topic; bool today; char text[200]; } notice;

static const notice_frame notice_frames[] = {
    { 0, true,  "Final reminder from {b}: {c} is overdue. Pay today or your line will be cut." },
    { 0, false, "{b}: your invoice for last month is ready, {c}, payable within 30 days." },
    { 0, true,  "Your rent of {c} is due today. Please transfer it before {e}." },
    { 0, false, "{b} will collect {c} from your account next month, as agreed." },
    { 0, false, "The water company has sent your yearly statement. Amount to pay: {c}." },
    { 1, false, "Your parcel from {b} has been shipped and should arrive on {d}." },
    { 1, true,  "The courier is outside with your package and cannot find the door. Please come down now." },
    { 1, true,  "Last day to pick up your parcel from the locker: it goes back to {b} at {e} today." },
    { 1, false, "{b}: your order was delivered to your neighbour {a}." },
    { 1, false, "Tracking update: your shipment left the warehouse and is on its way." },
    { 2, true,  "The project meeting starts in ten minutes. {a} is waiting in the video call." },
    { 2, false, "{a} invites you to the monthly team meeting on {d} at {e}. Accept or decline." },
    { 2, false, "The planning meeting with {b} was moved to {d}." },
    { 2, true,  "Today's meeting is at {e} instead. {a} needs your answer within the hour." },
    { 2, false, "Agenda for the meeting on {d}: budget, hiring, other business. {a}" },
    { 3, false, "Mum: your cousin {a} had a lovely birthday, I will show you the photos on {d}." },
    { 3, true,  "Dad: I am locked out of the house, can you come right now with the key?" },
    { 3, false, "Your sister {a}: shall we visit Grandma together some time next month?" },
    { 3, true,  "Grandpa: I fell in the kitchen, please call me at once." },
    { 3, false, "Aunt {a} sends greetings to you and the children from her holiday." },
    { 4, false, "Dental practice: your next check-up is on {d} at {e}." },
    { 4, true,  "The doctor has your blood test results and asks you to call the clinic today before {e}." },
    { 4, false, "Pharmacy: the medicine that you ordered can be collected from {d} on." },
    { 4, true,  "Clinic: stop taking the tablets from Monday's prescription now and phone the doctor." },
    { 4, false, "Time for your yearly flu vaccination, says Doctor {a}'s practice." },
    { 5, true,  "Someone signed in to your account from a new device. If it was not you, change your password now." },
    { 5, true,  "Your password expires in one hour. Set a new one or you will be locked out." },
    { 5, false, "Your login code is 48213. Do not share this code with anyone. {b}" },
    { 5, false, "Two-step verification was turned on for your {b} account." },
    { 5, true,  "{b} security team: we blocked three failed login attempts. Confirm your identity today." },
    { 6, false, "Morning briefing: parliament votes on the new budget on {d}." },
    { 6, false, "Breaking: {b} to close two factories, says the minister." },
    { 6, false, "Five things to know this week, from elections to football." },
    { 6, false, "Report: the river festival drew more visitors than ever, organisers say." },
    { 6, false, "The national team won its match last night. Read the full article." },
    { 7, false, "CONGRATULATIONS!!! You have won {c}! Click here to claim your prize!" },
    { 7, false, "Lose 10 kilos in a week with this one trick. Buy now, 90 percent off!" },
    { 7, false, "Dear friend, a prince has left you a fortune. Send your bank details to {a}." },
    { 7, false, "Hot singles near you are waiting to chat. Join free now!!!" },
    { 7, false, "Make {c} a day from home, no work needed, guaranteed. Reply YES." },
};

static const char *const notice_blanks[5][8] = {
    { "Anna", "Ravi", "Chloe", "Tomas", "Yuki", "Fatima", "Leo", "Ingrid" },
    { "Nordlicht Energy", "Bluebox", "Hartmann & Sons", "Talo", "Maple Books", "Orbit Mobile", "Fjord Foods",
      "City Gas" },
    { "84 euros", "$120.50", "19.99 pounds", "310 euros", "$5,000", "62 dollars", "1,250 euros", "$48" },
    { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "the 3rd of May", "the 21st of June" },
    { "8:30", "9 am", "10:15", "noon", "2 pm", "15:45", "5 pm", "18:00" },
};

/* Notification i of N_NOTICES: the frames in turn, the blanks by a fixed sequence of numbers. */
static inline notice notice_get(int i) {
    const int n_frames = (int)(sizeof notice_frames / sizeof *notice_frames);
    const notice_frame *f = &notice_frames[i % n_frames];
    unsigned random = (unsigned)i * 2654435761u + 12345u;
    notice n;
    size_t at = 0;
    memset(&n, 0, sizeof n);
    n.topic = f->topic, n.today = f->today;
    for (const char *p = f->text; *p && at + 1 < sizeof n.text; p++) {
        if (*p != '{') { n.text[at++] = *p; continue; }
        random = random * 1664525u + 1013904223u;
        at += (size_t)snprintf(n.text + at, sizeof n.text - at, "%s", notice_blanks[p[1] - 'a'][random >> 29]);
        p += 2;
    }
    return n;
}
#endif
