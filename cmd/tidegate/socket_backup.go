package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tidegate/tidegate/gateway"
)

// fileNameHeader carries the proposed name of a backup.
const fileNameHeader = "Tidegate-File"

// handleBackup lets sub-commands make and restore backups.
func (s *controlSocket) handleBackup(r *restoring) {
	s.handler.HandleFunc("POST /backup", func(w http.ResponseWriter, request *http.Request) {
		var in backupRequest
		if err := json.NewDecoder(io.LimitReader(request.Body, 1<<16)).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		sendBackup(w, request, r, in)
	})
	s.handler.HandleFunc("POST /restore", func(w http.ResponseWriter, request *http.Request) {
		in, content, err := readRestoreRequest(request.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		plan, err := r.Stage(request.Context(), content, in.Passphrase, in.BackupParts)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		_ = json.NewEncoder(w).Encode(plan) // as in handle
	})
	handle(s, "restore-discard", func(_ context.Context, id string) (struct{}, error) { return struct{}{}, r.Discard(id) })
	handle(s, "restore-commit", func(_ context.Context, id string) (struct{}, error) { return struct{}{}, r.Restore(id) })
}

func sendBackup(w http.ResponseWriter, request *http.Request, r *restoring, in backupRequest) {
	copied, err := r.Backup(request.Context(), in.Passphrase, in.BackupParts)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set(fileNameHeader, copied.Name())
	err = errors.Join(copied.Write(w), copied.Close())
	if err != nil {
		r.keeper.logger.Error("backup failed", "error", err)
		panic(http.ErrAbortHandler) // the answer has begun: only its sudden end can say that it is not whole
	}
}

// readRestoreRequest takes the first line, JSON, from what is sent; the backup follows.
func readRestoreRequest(r io.Reader) (in restoreRequest, content io.Reader, err error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	line, err := buffered.ReadSlice('\n')
	if err != nil {
		return in, nil, fmt.Errorf("read the request: %w", err)
	}
	return in, buffered, json.Unmarshal(line, &in)
}

// openBackup asks the running gateway for a backup.
func openBackup(ctx context.Context, socket string, in backupRequest) (content io.ReadCloser, name string, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, "", err
	}
	response, err := stream(ctx, socket, "backup", bytes.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	return response.Body, response.Header.Get(fileNameHeader), nil
}

// sendRestore sends a backup to the running gateway.
func sendRestore(ctx context.Context, socket string, in restoreRequest, content io.Reader) (plan gateway.RestorePlan, failed error) {
	line, err := json.Marshal(in)
	if err != nil {
		return plan, err
	}
	response, err := stream(ctx, socket, "restore", io.MultiReader(bytes.NewReader(append(line, '\n')), content))
	if err != nil {
		return plan, err
	}
	defer func() { failed = errors.Join(failed, response.Body.Close()) }()
	return plan, json.NewDecoder(response.Body).Decode(&plan)
}

// stream is a call whose body or answer may take as long as it takes.
func stream(ctx context.Context, socket, command string, body io.Reader) (*http.Response, error) {
	client := controlClient(socket)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://tidegate/"+command, body)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("reach the running gateway through %s: %w", socket, err)
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return nil, errors.Join(fmt.Errorf("the gateway refused: %s", bytes.TrimSpace(text)), err, response.Body.Close())
}
