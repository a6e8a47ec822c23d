package web

import (
	"context"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// CertificateEdit is an uploaded certificate as a form sends it: PEM, or PKCS#12. Nothing of it comes back but what the
// certificate says to everybody.
type CertificateEdit struct {
	ID          string `json:"id,omitempty" maxLength:"64" doc:"Names the certificate; not needed for a check, nor where the path has it"`
	Certificate string `json:"certificate,omitempty" maxLength:"65536" doc:"PEM with the certificate and its chain, in any order; the key may be in it too"`
	Key         string `json:"key,omitempty" maxLength:"65536" format:"password" doc:"PEM, without a password"`
	PKCS12      []byte `json:"pkcs12,omitempty" maxLength:"87384" doc:"A PKCS#12 file (.p12, .pfx), in place of certificate and key"`
	Password    string `json:"password,omitempty" maxLength:"512" format:"password" doc:"That of the PKCS#12 file"`
	// Listeners may be left out.
	Listeners []string `json:"listeners,omitempty" maxItems:"64" doc:"IDs of the listeners that may show it, page for the page; empty: all that speak TLS"`
}

func (e *CertificateEdit) upload(id string) gateway.CertificateUpload {
	return gateway.CertificateUpload{
		ID: id, Certificate: e.Certificate, Key: e.Key, PKCS12: e.PKCS12, Password: e.Password, Listeners: e.Listeners,
	}
}

type (
	certificatesOut    struct{ Body []gateway.Certificate }
	certificateOut     struct{ Body gateway.Certificate }
	checkCertificateIn struct{ Body CertificateEdit }
	addCertificateIn   struct {
		Confirmation
		Body CertificateEdit
	}
	changeCertificateIn struct {
		Confirmation
		ID   string `path:"id"`
		Body CertificateEdit
	}
	removeCertificateIn struct {
		Confirmation
		ID string `path:"id"`
	}
)

func (s *Server) getCertificates(context.Context, *none) (*certificatesOut, error) {
	return &certificatesOut{Body: list(s.Certificates.Certificates())}, nil
}

func (s *Server) checkCertificate(_ context.Context, in *checkCertificateIn) (*certificateOut, error) {
	certificate, err := s.Certificates.CheckCertificate(in.Body.upload(in.Body.ID))
	return &certificateOut{Body: certificate}, err
}

func (s *Server) addCertificate(ctx context.Context, in *addCertificateIn) (*certificateOut, error) {
	return s.triedCertificate(ctx, in.Confirmation, in.Body.ID, s.concernsPage(in.Body.Listeners), func(author string) (gateway.Certificate, error) {
		return s.Certificates.AddCertificate(ctx, in.Body.upload(in.Body.ID), author)
	})
}

func (s *Server) changeCertificate(ctx context.Context, in *changeCertificateIn) (*certificateOut, error) {
	if in.Body.ID != "" && in.Body.ID != in.ID {
		return nil, gateway.FieldErrorf("id", "the id of a certificate never changes: %q", in.ID)
	}
	risky := s.concernsPage(in.Body.Listeners) || s.isOnPage(in.ID)
	return s.triedCertificate(ctx, in.Confirmation, in.ID, risky, func(author string) (gateway.Certificate, error) {
		return s.Certificates.ChangeCertificate(ctx, in.Body.upload(in.ID), author)
	})
}

func (s *Server) removeCertificate(ctx context.Context, in *removeCertificateIn) (*none, error) {
	_, err := s.triedCertificate(ctx, in.Confirmation, in.ID, s.isOnPage(in.ID), func(author string) (gateway.Certificate, error) {
		return gateway.Certificate{}, s.Certificates.RemoveCertificate(ctx, in.ID, author)
	})
	return &none{}, err
}

func (s *Server) triedCertificate(
	ctx context.Context, c Confirmation, id string, risky bool, apply func(author string) (gateway.Certificate, error),
) (*certificateOut, error) {
	var certificate gateway.Certificate
	err := s.tried(ctx, c, gateway.PendingCertificate, id, risky, func() (err error) {
		certificate, err = apply(visitorOf(ctx).user.Name)
		return err
	})
	return &certificateOut{Body: certificate}, err
}

// concernsPage: a certificate for these listeners may be shown by the page.
func (s *Server) concernsPage(listeners []string) bool {
	return (len(listeners) == 0 || slices.Contains(listeners, gateway.PageListener)) && s.pageHas(func(c gateway.Certificate) bool {
		return c.Kind == gateway.CertificateOwn
	})
}

// isOnPage: the page may show this uploaded certificate now.
func (s *Server) isOnPage(id string) bool {
	return s.pageHas(func(c gateway.Certificate) bool { return c.Kind == gateway.CertificateUploaded && c.ID == id })
}

// pageHas is false without a page over TLS.
func (s *Server) pageHas(which func(gateway.Certificate) bool) bool {
	return slices.ContainsFunc(s.Certificates.Certificates(), func(c gateway.Certificate) bool {
		return which(c) && slices.Contains(c.UsedBy, gateway.PageListener)
	})
}
