"""User agents as people's browsers and apps send them: shapes of real ones with their versions, makes and places.

They pass for reality where the published list (``published()``) has few: apps that show pages themselves, televisions,
consoles, simple phones.
"""

# ruff: noqa: E501 -- user agents are as long as they are

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_CHROMES = ("109.0.0.0", "126.0.6478.122", "142.0.7444.171")
_ANDROIDS = (
    ("14", "SM-S918B", "UP1A.231005.007"),
    ("13", "CUBOT P80", "TP1A.220624.014"),
    ("12", "Redmi Note 9 Pro", "SKQ1.211019.001"),
    ("15", "Pixel 9 Pro", "AP4A.250105.002.A1"),
    ("10", "CPH2005", "QKQ1.200209.002"),
    ("11", "moto g(30)", "RRCS31.Q1-3-34-1-2"),
    ("9", "Infinix X650C", "PPR1.180610.011"),
    ("8.1.0", "DUB-LX1", "HUAWEIDUB-LX1"),
)
_WINDOWS = "Windows NT 10.0; Win64; x64"
_MAC = "Macintosh; Intel Mac OS X 10_15_7"
_DESKTOPS = (_WINDOWS, "Windows NT 6.1; WOW64", _MAC, "X11; Linux x86_64", "X11; CrOS x86_64 14541.0.0")
_IOS = ("15_8_3", "16_6", "17_5_1", "18_3_2", "26_0")

_ON_CHROME = (
    " Edg/{v}", " OPR/112.0.0.0", " Vivaldi/6.8.3381.48", " YaBrowser/24.6.0.0 Yowser/2.5", " Whale/3.26.244.21",
    " Brave/1.66", " Ddg/17.4", " Avast/126.0.0.0", " AVG/126.0.0.0", " CCleaner/126.0.0.0", " Norton/126.0.0.0", "",
)  # fmt: skip
_MOBILE_BROWSERS = (
    "", " EdgA/{v}", " OPR/83.0.4388.80445", " DuckDuckGo/5", " Vivaldi/6.7", " YaApp_Android/24.61 YaSearchBrowser/24.61",
    " UCBrowser/13.7.8.1318", " HuaweiBrowser/14.0.5.302", " XiaoMi/MiuiBrowser/14.10.1-gn", " HeyTapBrowser/45.10.5.1",
    " VivoBrowser/14.8.0.1", " MQQBrowser/15.3", " Quark/6.12", " Ecosia android@126.0.6478.122", " Kiwi/124.0",
    " SamsungBrowser/25.0", " Phoenix/15.3", " AlohaBrowser/6.1", " Puffin/10.2.0.51677AP", " Maxthon/7.2",
)  # fmt: skip
_APPS_ON_ANDROID = (
    " Instagram 332.0.0.38.90 Android (33/13; 420dpi; 1080x2205; Google/google; Pixel 6; oriole; oriole; de_DE; 604247842)",
    " [FB_IAB/FB4A;FBAV/465.0.0.48.99;IABMV/1;]", " [FB_IAB/Orca-Android;FBAV/449.0.0.46.112;]",
    " [FB_IAB/MESSENGER;FBAV/449.0.0.46.112;]", " Snapchat/12.94.0.33 (SM-S918B; Android 14#S918B#34; gzip; )",
    " musical_ly_2023405030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/34.5.3 "
    "ByteLocale/de-DE ByteFullLocale/de-DE Region/DE AppId/1233 Spark/1.5.7.3-bugfix AppVersion/34.5.3 "
    "BytedanceWebview/d8a21c6",
    " trill_2023405030 JsSdk/1.0 NetType/4G Channel/googleplay AppName/trill BytedanceWebview/d8a21c6",
    " XWEB/1220053 MMWEBSDK/20240404 MMWEBID/98 MicroMessenger/8.0.49.2600(0x2800315A) WeChat/arm64 Weixin NetType/5G "
    "Language/zh_CN ABI/arm64",
    " Line/14.9.0/IAB", " KAKAOTALK/10.8.3 (INAPP)", " NAVER(inapp; search; 1210; 12.7.1)", " GSA/15.24.28.28.arm64",
    " LinkedInApp/4.1.960", " Pinterest for Android/12.22.0", " Zalo android/240602356 ZaloTheme/light ZaloLanguage/vi",
    " Twitter for Android/10.46.0", " TwitterAndroid", " WhatsApp", " Viber/22.9.1.0",
    " Telegram-Android/10.14.5 (Samsung SM-S918B; Android 14; SDK 34; HIGH)", " OcIdWebView ({\"os\":\"Android\"})",
    " imo-android/2024.06.1051", " Flipboard/4.3.24", " TaobaoLive/3.4 AliApp(TB/10.36.10) WindVane/8.5.0",
    " AlipayClient/10.6.0.8000", " Weibo (samsung-SM-S918B__weibo__14.6.1__android__android14)", " BeRealApp/2.10",
    " Shop/Android/2.142", " GoogleApp/15.24", " Reddit/2024.24.0", " Discord-Android/234019", "",
)  # fmt: skip
_APPS_ON_IOS = (
    "Version/17.5 Mobile/15E148 Safari/604.1", "CriOS/126.0.6478.108 Mobile/15E148 Safari/604.1",
    "FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "EdgiOS/126.0.2592.56 Version/17.0 Mobile/15E148 Safari/604.1",
    "OPT/4.6.2 Mobile/15E148", "Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
    "Version/17.5 Mobile/15E148 Safari/604.1 Ddg/17.5", "Version/17.5 Brave/1.66 Mobile/15E148 Safari/604.1",
    "GSA/322.0.645663120 Mobile/15E148 Safari/604.1", "Version/18.4 Mobile/15E148 Safari/605.1.15 (Ecosia ios@11.0.2.2268)",
    "Mobile/15E148 Instagram 336.1.3.27.85 (iPhone15,3; iOS 17_5_1; de_DE; de; scale=3.00; 1290x2796; 611400000; IABMV/1)",
    "Mobile/15E148 [FBAN/FBIOS;FBAV/469.0.0.31.102;FBBV/609000000;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;"
    "FBID/phone;FBLC/de_DE;FBOP/5;FBRV/0]",
    "Mobile/15E148 [FBAN/MessengerForiOS;FBAV/462.0.0.33.109;FBDV/iPhone15,3]", "Mobile/15E148",
    "Mobile/15E148 Snapchat/12.93.0.38 (like Safari/8618.2.12.10.9, panda)",
    "Mobile/15E148 musical_ly_34.5.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/de Region/DE isDarkMode/1 "
    "WKWebView/1 RevealType/Dialog BytedanceWebview/d8a21c6",
    "Mobile/15E148 MicroMessenger/8.0.50(0x1800322b) NetType/WIFI Language/zh_CN", "Mobile/15E148 Safari Line/14.9.1",
    "Mobile/15E148 [Pinterest/iOS]", "Mobile/15E148 LinkedInApp/9.29.6453", "Mobile/15E148 Twitter for iPhone/10.47",
    "Mobile/15E148 KAKAOTALK 10.8.2 (INAPP)", "Mobile/15E148 NAVER(inapp; search; 2000; 12.7.3; 14PROMAX)",
    "Mobile/15E148 YaBrowser/24.6.3.236.10 SA/3 Safari/604.1", "Mobile/15E148 Reddit/Version 2024.24.0/Build 614000",
    "Mobile/15E148 Zalo iOS/574 ZaloTheme/light", "Mobile/15E148 AliApp(TB/10.36.10) WindVane/8.7.2 1290x2796 WK",
    "Mobile/15E148 Weibo (iPhone15,3__weibo__14.6.1__iphone__os17.5.1)", "Mobile/15E148 baiduboxapp/13.62.0.10 (Baidu; P2 17.5)",
)  # fmt: skip
#: Single ones: systems and devices that are no phone, no desktop; browsers of long ago that somebody still runs.
_OTHERS = (
    "Mozilla/5.0 (PlayStation; PlayStation 5/9.20) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
    "Mozilla/5.0 (PlayStation 4 11.52) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/606.4 (KHTML, like Gecko) NF/6.0.1.15.4 NintendoBrowser/5.1.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36 Edge/44.19041.4788",
    "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.5) AppleWebKit/537.36 (KHTML, like Gecko) 85.0.4183.93/6.5 TV Safari/537.36",
    "Mozilla/5.0 (Linux; Android 9; AFTKA Build/PS7633; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/124.0.6367.243 Mobile Safari/537.36 AmazonWebAppPlatform/3.4.1",
    "Mozilla/5.0 (Linux; Android 11; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.4.1 like Chrome/120.0.6099.230 "
    "Safari/537.36",
    "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ "
    "Kindle/3.0+",
    "Mozilla/5.0 (Linux; U; Android 4.4.2; de-de; GT-N5110 Build/KOT49H) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 "
    "Safari/534.30",
    "Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3472 Build/SP1A.210812.016) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.6.8.1316 Mobile Safari/537.36",
    "UCWEB/2.0 (MIDP-2.0; U; Adr 10; en-US; Redmi_8A) U2/1.0.0 UCBrowser/10.7.9.856 U2/1.0.0 Mobile",
    "Opera/9.80 (Android; Opera Mini/76.0.2254/191.303; U; de) Presto/2.12.423 Version/12.16",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; Opera Mobi/23.348; U; en) Presto/2.5.25 Version/10.54",
    "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.4",
    "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile",
    "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0",
    "Mozilla/5.0 (Android 13; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0",
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2; .NET CLR 2.0.50727)",
    "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+",
    "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15 Epiphany/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:6.0) Goanna/20240601 PaleMoon/33.2.0",
    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 "
    "Chrome/121.0.0.0 Safari/537.36",
)  # fmt: skip


def shapes() -> list[str]:
    return sorted({*_of_desktops(), *_of_android(), *_of_ios(), *_OTHERS})


def _of_desktops() -> Iterator[str]:
    for system, chrome, brand in product(_DESKTOPS, _CHROMES, _ON_CHROME):
        yield f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/{chrome} Safari/537.36{brand.format(v=chrome)}"
    for version in ("15.6.1", "16.6", "17.5", "18.3"):
        yield f"Mozilla/5.0 ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version} Safari/605.1.15"


def _of_android() -> Iterator[str]:
    for (version, make, build), chrome in product(_ANDROIDS, _CHROMES):
        for brand in _MOBILE_BROWSERS:
            browser = f"Chrome/{chrome} Mobile Safari/537.36{brand.format(v=chrome)}"
            yield f"Mozilla/5.0 (Linux; Android {version}; {make}) {_WEBKIT} {browser}"
        for app in _APPS_ON_ANDROID:
            view = f"Version/4.0 Chrome/{chrome} Mobile Safari/537.36{app}"
            yield f"Mozilla/5.0 (Linux; Android {version}; {make} Build/{build}; wv) {_WEBKIT} {view}"


def _of_ios() -> Iterator[str]:
    for version, app in product(_IOS, _APPS_ON_IOS):
        yield f"Mozilla/5.0 (iPhone; CPU iPhone OS {version} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {app}"


def published() -> list[str]:
    """Seen in the wild and published with the package fake-useragent."""
    found = importlib.util.find_spec("fake_useragent")
    assert found is not None
    assert found.origin is not None
    lines = (Path(found.origin).parent / "data" / "browsers.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted({json.loads(line)["useragent"] for line in lines})
