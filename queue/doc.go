// Package queue is the crash-safe journal of the till: an offline.Journal in one
// bbolt file. It keeps every sale with all its facts, knows what is due, refuses
// a payment code that was used before, and answers listings, events and totals.
//
// # What is durable when
//
// A write is one bbolt transaction: its pages are synced, then the head page
// that makes them current is written and synced. When Commit returns without an
// error the write is durable; when it returns offline.ErrJournal it may or may
// not be, nothing further is written, and the next Open finds either all of it
// or nothing. Reads never show a write that is in doubt.
//
// # Live and filed sales
//
// A commit costs two syncs and as few pages as possible, however many sales the
// journal holds. Everything that may still change therefore stands in one small
// bucket, with a copy in memory: a commit changes one or two leaf pages of it.
// Settled sales are moved in groups to the big buckets and their indexes
// (filing), at a moment when nobody waits for the answer.
package queue
