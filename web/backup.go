package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// BackupOrder is what a backup shall be.
type BackupOrder struct {
	Passphrase string `json:"passphrase" maxLength:"512" format:"password" doc:"Without it nobody can restore the backup"`
	// Queue and History are left out unless they are asked for.
	Queue   bool `json:"queue,omitempty" doc:"Also what is queued; restored, it may be delivered twice"`
	History bool `json:"history,omitempty" doc:"Also the readings of the past"`
}

type makeBackupIn struct{ Body BackupOrder }

func (s *Server) makeBackup(ctx context.Context, in *makeBackupIn) (gateway.Backup, error) {
	return s.Backups.Backup(ctx, in.Body.Passphrase, gateway.BackupParts{Queue: in.Body.Queue, History: in.Body.History})
}

func (s *Server) stageRestore(ctx context.Context, f *form) (*gateway.RestorePlan, error) {
	parts := gateway.BackupParts{Queue: f.is("queue"), History: f.is("history")}
	plan, err := s.Backups.Stage(ctx, f.file, f.fields["passphrase"], parts)
	if err != nil {
		return nil, err
	}
	plan.Users, plan.LostBridges = list(plan.Users), list(plan.LostBridges)
	return &plan, nil
}

type restoreIn struct {
	ID string `path:"id" doc:"The id of the plan"`
}

func (s *Server) confirmRestore(_ context.Context, in *restoreIn) (*none, error) {
	return &none{}, s.Backups.Restore(in.ID)
}

func (s *Server) discardRestore(_ context.Context, in *restoreIn) (*none, error) {
	return &none{}, s.Backups.Discard(in.ID)
}
