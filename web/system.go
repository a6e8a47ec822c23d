package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

type statusOut struct{ Body gateway.Status }

func (s *Server) getStatus(context.Context, *none) (*statusOut, error) {
	return &statusOut{Body: s.status()}, nil
}

// status has no null lists.
func (s *Server) status() gateway.Status {
	status := s.Monitor.Status()
	status.Connections, status.Bridges, status.Listeners = list(status.Connections), list(status.Bridges), list(status.Listeners)
	status.Alarms, status.Broker.GivenUp = list(status.Alarms), list(status.Broker.GivenUp)
	for i := range status.Connections {
		status.Connections[i].Devices = list(status.Connections[i].Devices)
	}
	return status
}

// list is a copy that is [] in JSON when it is empty, never null.
func list[T any](items []T) []T { return append(make([]T, 0, len(items)), items...) }

type configOut struct{ Body gateway.Config }

func (s *Server) getConfig(context.Context, *none) (*configOut, error) {
	return &configOut{Body: shown(s.Control.Config())}, nil
}

// shown is a configuration without null lists. Secrets hide themselves when they are written.
func shown(config gateway.Config) gateway.Config {
	config.ScanClasses, config.Connections = list(config.ScanClasses), list(config.Connections)
	config.Devices, config.Bridges, config.Listeners = list(config.Devices), list(config.Bridges), list(config.Listeners)
	for i := range config.Devices {
		config.Devices[i].Points = list(config.Devices[i].Points)
	}
	for i := range config.Bridges {
		config.Bridges[i].Routes = list(config.Bridges[i].Routes)
	}
	return config
}

type serialPortsOut struct{ Body []gateway.SerialPort }

func (s *Server) getSerialPorts(context.Context, *none) (*serialPortsOut, error) {
	return &serialPortsOut{Body: list(s.SerialPorts(s.Control.Config()))}, nil
}

type systemOut struct{ Body gateway.System }

func (s *Server) getSystem(context.Context, *none) (*systemOut, error) {
	return &systemOut{Body: s.system()}, nil
}

// system has no null lists.
func (s *Server) system() gateway.System {
	system := s.Machine.System()
	system.Temperatures, system.Network = list(system.Temperatures), list(system.Network)
	for i := range system.Network {
		system.Network[i].Addresses = list(system.Network[i].Addresses)
	}
	return system
}

func (s *Server) getHealth(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

func (s *Server) getReady(c *gin.Context) {
	if serving(c.Request.Context()).Err() != nil {
		c.String(http.StatusServiceUnavailable, "ending\n")
		return
	}
	c.String(http.StatusOK, "ready\n")
}
