// The icons of the page, drawn on a 24 px grid. They are decoration: what they mean stands beside them or in the label
// of their button.
import type { ReactNode } from "react";

function icon(children: ReactNode) {
  return function Icon({ size = 20 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.8}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {children}
      </svg>
    );
  };
}

export const IconOverview = icon(
  <path d="M3 7c2-1.6 3.6-1.6 5.6 0s3.6 1.6 5.6 0 4-1.6 6.8 0M3 13c2-1.6 3.6-1.6 5.6 0s3.6 1.6 5.6 0 4-1.6 6.8 0M3 19c2-1.6 3.6-1.6 5.6 0s3.6 1.6 5.6 0 4-1.6 6.8 0" />,
);
export const IconDevices = icon(
  <path d="M5 4h14a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM5 14h14a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1zM8 7.5h.01M8 17h.01M12 7.5h4M12 17h4" />,
);
export const IconPoints = icon(<path d="M4 6h16M4 12h16M4 18h16M9 4v16" />);
export const IconBridges = icon(<path d="M3 18h18M4 18c0-7 3.5-10 8-10s8 3 8 10M8 18v-8.6M12 18V8M16 18v-8.6" />);
export const IconBroker = icon(
  <path d="M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM12 9V4M12 20v-5M9.4 13.5 5 16M14.6 13.5 19 16M9.4 10.5 5 8M14.6 10.5 19 8" />,
);
export const IconAdd = icon(<path d="M12 5v14M5 12h14" />);
export const IconEdit = icon(<path d="M4 20h4L19 9a2.8 2.8 0 0 0-4-4L4 16v4zM13.5 6.5l4 4" />);
export const IconDelete = icon(<path d="M4 7h16M10 11v6M14 11v6M6 7l1 12a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1l1-12M9 7V4h6v3" />);
export const IconWrite = icon(<path d="M12 4v11M7 10l5 5 5-5M5 20h14" />);
export const IconChart = icon(<path d="M4 4v16h16M7 15l4-5 3 3 5-7" />);
export const IconSearch = icon(<path d="M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM20 20l-4-4" />);
export const IconUser = icon(<path d="M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 20c1-4 4-6 8-6s7 2 8 6" />);
export const IconSun = icon(
  <path d="M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19" />,
);
export const IconTest = icon(<path d="M3 12h4l2.5-7 5 14 2.5-7h4" />);
export const IconCut = icon(<path d="M9 15l-3 3a3.5 3.5 0 0 1-5-5M15 9l3-3a3.5 3.5 0 0 1 5 5M4 4l16 16" />);
export const IconMend = icon(<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.6-5.6L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.6 5.6L12 17" />);
export const IconGood = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const IconWarn = icon(<path d="M12 4 2.8 20h18.4L12 4zM12 10v4M12 17.2v.01" />);
export const IconBad = icon(<path d="M6 6l12 12M18 6 6 18" />);
export const IconWait = icon(<path d="M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5l3 2" />);
export const IconHelp = icon(<path d="M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM9.6 9.4a2.5 2.5 0 1 1 3.4 2.4c-.7.3-1 .8-1 1.7M12 16.8v.01" />);
export const IconOff = icon(<path d="M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM8 12h8" />);
export const IconUp = icon(<path d="M12 19V5M6 11l6-6 6 6" />);
export const IconDown = icon(<path d="M12 5v14M6 13l6 6 6-6" />);
export const IconSettings = icon(
  <path d="M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2" />,
);
export const IconOpen = icon(<path d="M9 5l7 7-7 7" />);
export const IconMore = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth={3} />);
export const IconBackup = icon(<path d="M4 7c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zM4 7v10c0 1.7 3.6 3 8 3s8-1.3 8-3V7M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3" />);
export const IconBack = icon(<path d="M19 12H5M11 6l-6 6 6 6" />);
export const IconForward = icon(<path d="M5 12h14M13 6l6 6-6 6" />);
export const IconMinus = icon(<path d="M5 12h14" />);
export const IconFile = icon(<path d="M6 3h8l4 4v14H6zM14 3v4h4" />);
export const IconKey = icon(<path d="M8 11a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM11 12l9-9M16 7l3 3" />);
export const IconAudit = icon(<path d="M6 3h12v18H6zM9 8h6M9 12h6M9 16h4" />);
export const IconRevisions = icon(<path d="M4 12a8 8 0 1 0 2.5-5.8L4 8.5M4 4v4.5h4.5M12 8v4.5l3 2" />);
export const IconDoor = icon(<path d="M13 4h5v16h-5M4 12h10M10 8l4 4-4 4" />);
export const IconCertificate = icon(<path d="M12 3l8 3v6c0 4.5-3.2 7.6-8 9-4.8-1.4-8-4.5-8-9V6l8-3zM8.5 12l2.5 2.5 4.5-5" />);
