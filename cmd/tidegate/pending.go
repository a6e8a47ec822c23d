package main

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/pending"
)

// undoer is the author of what undoes itself.
const undoer = "undo"

// undoPending takes back what nobody kept before the gateway ended, before anybody reads it.
func (p *program) undoPending(ctx context.Context) error {
	undone, err := p.config.UndoPending(ctx)
	if err != nil {
		return fmt.Errorf("undo what nobody kept: %w", err)
	}
	for _, change := range undone {
		p.logger.WarnContext(ctx, "a change that nobody kept was undone at the start", "kind", string(change.Kind), "subject", change.Subject,
			"author", change.Author)
	}
	return nil
}

// openPending makes changes undo themselves from now on.
func (p *program) openPending() {
	p.pending = pending.New(pending.Options{
		Store: p.config, Former: p.former, Restore: p.restoreFormer, Logger: p.logger,
	})
	p.parts.Go("pending changes", p.pending.Run)
}

func (p *program) former(ctx context.Context, kind gateway.PendingKind, subject string) (former gateway.Former, err error) {
	switch kind {
	case gateway.PendingUser:
		former.Account = p.access.Account(subject)
	case gateway.PendingCertificate:
		former.Certificate, err = p.certificates.Stored(ctx, subject)
	}
	return former, err
}

func (p *program) restoreFormer(ctx context.Context, change gateway.StoredPending) error {
	if change.Kind == gateway.PendingCertificate {
		return p.certificates.Restore(ctx, change.Subject, change.Former.Certificate, undoer)
	}
	return p.access.RestoreAccount(ctx, *change.Former.Account, undoer)
}
