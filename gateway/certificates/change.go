package certificates

import (
	"context"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// maxUploaded bounds how many certificates are looked at in a handshake.
const maxUploaded = 16

// CheckCertificate says what would be taken; see gateway.Certificates.
func (s *Set) CheckCertificate(upload gateway.CertificateUpload) (gateway.Certificate, error) {
	u, err := s.checked(upload)
	if err != nil {
		return gateway.Certificate{}, err
	}
	return s.describe(u), nil
}

func (s *Set) describe(u uploaded) gateway.Certificate {
	config := s.Config()
	return u.describe(s.secureListeners(&config), s.Clock.Now())
}

func (s *Set) checked(upload gateway.CertificateUpload) (uploaded, error) {
	if err := s.checkListeners(upload.Listeners); err != nil {
		return uploaded{}, err
	}
	certificate, err := check(upload, s.Clock.Now(), forServers)
	return uploaded{upload.ID, certificate, upload.Listeners}, err
}

// checkListeners refuses those that never show a certificate. One that is removed later does no harm.
func (s *Set) checkListeners(ids []string) error {
	config := s.Config()
	for _, id := range ids {
		if id == gateway.PageListener {
			continue
		}
		listener, known := config.Listener(id)
		if !known {
			return gateway.FieldErrorf("listeners", "there is no listener %q: use the ID of one, or %s", id, gateway.PageListener)
		}
		if !listener.Secure() {
			return gateway.FieldErrorf("listeners", "listener %q does not speak TLS", id)
		}
	}
	return nil
}

// AddCertificate takes a new certificate; see gateway.Certificates.
func (s *Set) AddCertificate(ctx context.Context, upload gateway.CertificateUpload, author string) (gateway.Certificate, error) {
	if err := gateway.ValidateID("id", upload.ID); err != nil {
		return gateway.Certificate{}, err
	}
	if !upload.HasCertificate() {
		return gateway.Certificate{}, errMissing()
	}
	return s.put(ctx, upload, author, func(former *uploaded, count int) error {
		switch {
		case former != nil:
			return gateway.FieldErrorf("id", "%q is there already: replace it, or choose another name", upload.ID)
		case count >= maxUploaded:
			return gateway.Errorf(gateway.Invalid, "there are %d certificates already: remove one that is not needed any more", count)
		}
		return nil
	})
}

// ChangeCertificate replaces a certificate; see gateway.Certificates.
func (s *Set) ChangeCertificate(ctx context.Context, upload gateway.CertificateUpload, author string) (gateway.Certificate, error) {
	return s.put(ctx, upload, author, func(former *uploaded, _ int) error {
		if former == nil {
			return errUnknown(upload.ID)
		}
		return nil
	})
}

func errUnknown(id string) error {
	return gateway.Errorf(gateway.NotFound, "there is no uploaded certificate %q", id)
}

// put checks before it waits for its turn: a password of PKCS#12 takes a while.
func (s *Set) put(
	ctx context.Context, upload gateway.CertificateUpload, author string, may func(former *uploaded, count int) error,
) (gateway.Certificate, error) {
	var next uploaded
	var err error
	if upload.HasCertificate() {
		next, err = s.checked(upload)
	} else {
		err = s.checkListeners(upload.Listeners)
	}
	if err != nil {
		return gateway.Certificate{}, err
	}
	if err := s.takeTurn(ctx); err != nil {
		return gateway.Certificate{}, err
	}
	defer func() { <-s.changing }()
	former := s.find(upload.ID)
	if err := may(former, len(s.current.Load().uploaded)); err != nil {
		return gateway.Certificate{}, err
	}
	if !upload.HasCertificate() {
		next = uploaded{former.id, former.tls, upload.Listeners}
	}
	if err := s.save(ctx, next, author); err != nil {
		return gateway.Certificate{}, err
	}
	description := s.describe(next)
	s.Logger.InfoContext(ctx, "certificate in force", "certificate", next.id, "subject", description.Subject,
		"fingerprint", description.Fingerprint, "expires", description.NotAfter, "author", author)
	return description, nil
}

func (s *Set) save(ctx context.Context, next uploaded, author string) error {
	kept, err := stored(next.id, next.tls, next.listeners)
	if err != nil {
		return err
	}
	kept.Changed, kept.Author = s.Clock.Now().UTC(), author
	if err := s.Store.PutCertificate(ctx, kept); err != nil {
		return err
	}
	s.replace(func(state *state) {
		state.uploaded = append(without(state.uploaded, next.id), next)
		slices.SortFunc(state.uploaded, byID)
	})
	return nil
}

// RemoveCertificate goes back to the own one; see gateway.Certificates.
func (s *Set) RemoveCertificate(ctx context.Context, id, author string) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-s.changing }()
	if err := s.Store.RemoveCertificate(ctx, id); err != nil {
		return err
	}
	s.replace(func(state *state) { state.uploaded = without(state.uploaded, id) })
	s.Logger.InfoContext(ctx, "certificate removed", "certificate", id, "author", author)
	return nil
}

func (s *Set) takeTurn(ctx context.Context) error {
	select {
	case s.changing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// find gives what is in force; nil when there is none of that ID.
func (s *Set) find(id string) *uploaded {
	list := s.current.Load().uploaded
	if i := slices.IndexFunc(list, func(u uploaded) bool { return u.id == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

func without(list []uploaded, id string) []uploaded {
	return slices.DeleteFunc(list, func(u uploaded) bool { return u.id == id })
}

// Stored is an uploaded certificate as it is stored; nil when there is none of that ID. It is for who wants to restore it.
func (s *Set) Stored(ctx context.Context, id string) (*gateway.StoredCertificate, error) {
	list, err := s.Store.Certificates(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(c gateway.StoredCertificate) bool { return c.ID == id })
	if i < 0 {
		return nil, nil
	}
	return &list[i], nil
}

// Restore puts an uploaded certificate back as it was, or removes it where former is nil.
func (s *Set) Restore(ctx context.Context, id string, former *gateway.StoredCertificate, author string) error {
	if former == nil {
		err := s.RemoveCertificate(ctx, id, author)
		if gateway.CodeOf(err) == gateway.NotFound {
			return nil // somebody removed it meanwhile
		}
		return err
	}
	again, err := load(*former)
	if err != nil {
		return err
	}
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-s.changing }()
	return s.save(ctx, again, author)
}
